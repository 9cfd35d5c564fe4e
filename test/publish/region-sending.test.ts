import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RegionSending } from '../../src/publish/region-sending.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { closest, peersAt, randomPeers } from './explored-network.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { RegionSendingInit, SendingCommand, SendingFact } from '../../src/publish/region-sending.ts'
import type { Peers } from './explored-network.ts'

interface Key { kadId: KadId }

type Fact = SendingFact<number, Key>
type Command = SendingCommand<number, Key>
type Send = Extract<Command, { type: 'send' }>
type Done = Extract<Command, { type: 'done' }>
type Finish = Extract<Command, { type: 'finish' }>

const K = 4

/** Peers 0 to 7, at 0b0000_0000, 0b0010_0000 and so on */
const EIGHT = peersAt(Array.from({ length: 8 }, (_, i) => Uint8Array.of(i << 5)))

function keyAt (byte: number): Key {
  return { kadId: Uint8Array.of(byte) }
}

function sendingOf (init: Partial<RegionSendingInit<number>> = {}): { advance: (fact: Fact) => Command[] } {
  return new RegionSending<number, Key>({ peers: EIGHT, k: K, peersAtOnce: 10, recordsPerSend: 100, ...init })
}

/** A sending that has begun with these keys, all of the region's, and what it wants to send */
function begun (keys: Key[], init: Partial<RegionSendingInit<number>> = {}): { advance: (fact: Fact) => Command[], sends: Send[] } {
  const sending = sendingOf(init)
  sending.advance({ type: 'started' })
  const commands = sending.advance({ type: 'keys', keys, isLast: true })

  return { advance: fact => sending.advance(fact), sends: sendsIn(commands) }
}

function sendsIn (commands: Command[]): Send[] {
  return commands.filter(command => command.type === 'send')
}

function stored ({ peer, keys }: Send): Fact {
  return { type: 'sent', peer, stored: keys, refused: [] }
}

function refused ({ peer, keys }: Send): Fact {
  return { type: 'sent', peer, stored: [], refused: keys }
}

describe('a sending', () => {
  test('asks for keys first, and for the next batch while it sends', () => {
    const sending = sendingOf()

    expect(sending.advance({ type: 'started' })).toEqual([{ type: 'pull' }])
    expect(sending.advance({ type: 'keys', keys: [keyAt(0)], isLast: false }).filter(({ type }) => type === 'pull')).toHaveLength(1)
    // two are held now
    expect(sending.advance({ type: 'keys', keys: [keyAt(0)], isLast: false }).filter(({ type }) => type === 'pull')).toHaveLength(0)
  })

  test('asks for another batch when one of two is done', () => {
    const sending = sendingOf()
    sending.advance({ type: 'started' })
    const sends = sendsIn(sending.advance({ type: 'keys', keys: [keyAt(0)], isLast: false }))
    sending.advance({ type: 'keys', keys: [keyAt(255)], isLast: false })

    expect(sends.map(send => sending.advance(stored(send)).filter(({ type }) => type === 'pull').length)).toEqual([0, 0, 0, 1])
  })

  test('asks again after an empty batch, and ends after an empty last one', () => {
    const sending = sendingOf()
    sending.advance({ type: 'started' })

    expect(sending.advance({ type: 'keys', keys: [], isLast: false })).toEqual([{ type: 'pull' }])
    expect(sending.advance({ type: 'keys', keys: [], isLast: true })).toEqual([{ type: 'finish', stored: 0, failed: 0, peersLeftOut: [] }])
  })

  test('sends each key to its k closest peers, all keys of a peer at once', () => {
    const [low, high] = [keyAt(0b00000001), keyAt(0b11000001)]
    const { sends } = begun([low, high, low], { k: 5 })

    const peersOf = (key: Key): number[] => sends.filter(({ keys }) => keys.includes(key)).map(({ peer }) => peer).sort()

    expect(peersOf(low)).toEqual([0, 1, 2, 3, 4])
    expect(peersOf(high)).toEqual([2, 4, 5, 6, 7])
    // one send to each peer, and the key that was given twice goes to it once
    expect(sends).toHaveLength(8)
    expect(sends.reduce((sum, { keys }) => sum + keys.length, 0)).toBe(10)
  })

  test('reports a key when all of its peers have answered, and ends after the last', () => {
    const key = keyAt(0)
    const { advance, sends } = begun([key])

    expect(sends.flatMap(send => advance(stored(send)))).toEqual([
      { type: 'done', key, result: 'stored', holders: 4, missing: 0 },
      { type: 'finish', stored: 1, failed: 0, peersLeftOut: [] }
    ])
  })

  test('sends to no more peers at a time, and no more keys at once, than allowed', () => {
    const keys = Array.from({ length: 25 }, () => keyAt(0))
    const { advance, sends } = begun(keys, { peersAtOnce: 2, recordsPerSend: 10 })

    expect(sends.map(({ peer, keys }) => [peer, keys.length])).toEqual([[0, 10], [1, 10]])
    // for the others more keys wait
    expect(sendsIn(advance(stored(sends[0]))).map(({ peer, keys }) => [peer, keys.length])).toEqual([[2, 10]])
  })
})

describe('a peer that fails', () => {
  test('gets its keys once more', () => {
    const key = keyAt(0)
    const { advance, sends } = begun([key])

    expect(advance({ type: 'failed', peer: 0 })).toEqual([{ type: 'send', peer: 0, keys: [key] }])
    expect(sends.flatMap(send => advance(stored(send))).at(-1)).toEqual({ type: 'finish', stored: 1, failed: 0, peersLeftOut: [] })
  })

  test('is left out the second time, and its keys go to the next closest that have not got them', () => {
    const [low, high] = [keyAt(0b00000001), keyAt(0b10100001)]
    const { advance } = begun([low, high])

    advance({ type: 'failed', peer: 0 })
    expect(advance({ type: 'failed', peer: 0 })).toEqual([])
    // peer 4 is busy with the other key
    expect(advance({ type: 'sent', peer: 4, stored: [high], refused: [] })).toEqual([{ type: 'send', peer: 4, keys: [low] }])
  })

  test('gets no key of later batches', () => {
    const [first, second, third] = [keyAt(255), keyAt(0), keyAt(1)]
    const sending = sendingOf()
    sending.advance({ type: 'started' })
    sending.advance({ type: 'keys', keys: [first], isLast: false })
    sending.advance({ type: 'keys', keys: [second], isLast: false })
    sending.advance({ type: 'failed', peer: 0 })
    sending.advance({ type: 'failed', peer: 0 })

    // with the first batch done there is room for another
    expect([7, 6, 5, 4].flatMap(peer => sending.advance({ type: 'sent', peer, stored: [first], refused: [] }))).toContainEqual({ type: 'pull' })
    sending.advance({ type: 'keys', keys: [third], isLast: true })
    const sends = [1, 2, 3, 4].flatMap(peer => sendsIn(sending.advance({ type: 'sent', peer, stored: [second], refused: [] })))
    expect(sends).toEqual([1, 2, 3, 4].map(peer => ({ type: 'send', peer, keys: [third] })))
  })

  test('has failed as well where it says nothing of some keys', () => {
    const keys = [keyAt(0), keyAt(1), keyAt(2)]
    const { advance } = begun(keys)

    expect(advance({ type: 'sent', peer: 0, stored: [keys[0]], refused: [keys[1]] })).toEqual([
      // it comes last, as it has failed
      { type: 'send', peer: 4, keys: [keys[1]] },
      { type: 'send', peer: 0, keys: [keys[2]] }
    ])
    expect(advance({ type: 'sent', peer: 0, stored: [], refused: [] })).toEqual([])
  })

  test('costs a key its place only when nobody else is left', () => {
    const key = keyAt(0)
    const { advance, sends } = begun([key], { peers: EIGHT.slice(0, 4) })

    advance({ type: 'failed', peer: 3 })
    advance({ type: 'failed', peer: 3 })
    expect(sends.slice(0, 3).flatMap(send => advance(stored(send)))).toEqual([
      { type: 'done', key, result: 'stored', holders: 3, missing: 1 },
      { type: 'finish', stored: 1, failed: 0, peersLeftOut: [3] }
    ])
  })
})

describe('a key', () => {
  test.each([
    ['half of k, rounded up', { k: 4 }, 2],
    ['half of k, rounded up', { k: 5 }, 3],
    ['as many as are set', { k: 4, leastHolders: 4 }, 4],
    ['all peers where there are fewer', { k: 8, peers: EIGHT.slice(0, 3) }, 3],
    ['one at least', { k: 1 }, 1]
  ])('needs %s', (_, init, least) => {
    const peers = (init as Partial<RegionSendingInit<number>>).peers ?? EIGHT

    for (const holders of [least - 1, least]) {
      const key = keyAt(0)
      const { advance, sends } = begun([key], init)
      const commands: Command[] = []

      // so many store it, and all the others fail
      for (let open = sends, count = 0; open.length > 0;) {
        const [send, ...rest] = open
        const answer = advance(count < holders ? stored(send) : { type: 'failed', peer: send.peer })
        count++
        commands.push(...answer)
        open = [...rest, ...sendsIn(answer)]
      }

      expect(commands.find(({ type }) => type === 'done')).toEqual({
        type: 'done', key, result: holders === least ? 'stored' : 'failed', holders, missing: Math.min(init.k, peers.length) - holders
      })
    }
  })

  test('fails without a peer', () => {
    const key = keyAt(0)
    const sending = sendingOf({ peers: [] })
    sending.advance({ type: 'started' })

    expect(sending.advance({ type: 'keys', keys: [key], isLast: true })).toEqual([
      { type: 'done', key, result: 'failed', holders: 0, missing: 0 },
      { type: 'finish', stored: 0, failed: 1, peersLeftOut: [] }
    ])
  })

  test('goes to another peer where one refuses it, and that one is not left out', () => {
    const [first, second] = [keyAt(0), keyAt(1)]
    const { advance, sends } = begun([first, second])

    expect(advance({ type: 'sent', peer: 0, stored: [first], refused: [second] })).toEqual([{ type: 'send', peer: 4, keys: [second] }])
    const open: Send[] = [...sends.slice(1), { type: 'send', peer: 4, keys: [second] }]
    expect(open.flatMap(send => advance(stored(send))).at(-1)).toEqual({ type: 'finish', stored: 2, failed: 0, peersLeftOut: [] })
  })

  test('that k peers refuse goes to no others', () => {
    const key = keyAt(0)
    const peers = randomPeers(100, 1).map(({ peer, kadId }) => ({ peer, kadId: kadId.slice(0, 2) }))
    const { advance, sends } = begun([{ ...key, kadId: Uint8Array.of(0, 0) }], { peers })
    let offers = 0
    let last: Command[] = []

    for (let open = sends; open.length > 0; offers++) {
      const [send, ...rest] = open
      last = advance(refused(send))
      open = [...rest, ...sendsIn(last)]
    }

    expect(offers).toBe(2 * K - 1)
    expect(last).toMatchObject([{ type: 'done', result: 'failed', holders: 0, missing: K }, { type: 'finish', failed: 1 }])
  })
})

describe('a cancellation', () => {
  test('reports each key that is held, as far as it came', () => {
    const [first, second] = [keyAt(0), keyAt(255)]
    const { advance, sends } = begun([first, second])

    sends.filter(({ keys }) => keys.includes(first)).slice(0, 2).forEach(send => advance({ type: 'sent', peer: send.peer, stored: [first], refused: [] }))
    const commands = advance({ type: 'cancelled' })

    expect(commands).toHaveLength(3)
    expect(commands).toContainEqual({ type: 'done', key: first, result: 'stored', holders: 2, missing: 2 })
    expect(commands).toContainEqual({ type: 'done', key: second, result: 'failed', holders: 0, missing: 4 })
    expect(commands[2]).toEqual({ type: 'finish', stored: 1, failed: 1, peersLeftOut: [] })
    expect(advance(stored(sends[3]))).toEqual([])
  })

  test('ends at once what has not begun, or holds nothing', () => {
    const finish = [{ type: 'finish', stored: 0, failed: 0, peersLeftOut: [] }]
    const sending = sendingOf()

    expect(sendingOf().advance({ type: 'cancelled' })).toEqual(finish)
    sending.advance({ type: 'started' })
    expect(sending.advance({ type: 'cancelled' })).toEqual(finish)
    expect(sending.advance({ type: 'keys', keys: [keyAt(0)], isLast: true })).toEqual([])
  })
})

describe('facts that nobody waits for', () => {
  test('change nothing', () => {
    const sending = sendingOf({ peersAtOnce: 1 })

    expect(sending.advance({ type: 'keys', keys: [keyAt(0)], isLast: true })).toEqual([])
    sending.advance({ type: 'started' })
    expect(sending.advance({ type: 'started' })).toEqual([])

    const key = keyAt(0)
    const [send] = sendsIn(sending.advance({ type: 'keys', keys: [key], isLast: true }))
    const idle = EIGHT.find(({ peer }) => peer !== send.peer)?.peer ?? 0
    expect(sending.advance({ type: 'failed', peer: idle })).toEqual([])
    expect(sending.advance({ type: 'sent', peer: idle, stored: [key], refused: [] })).toEqual([])
    expect(sending.advance({ type: 'sent', peer: 99, stored: [key], refused: [] })).toEqual([])
    // a key of another send, and one named twice
    expect(sendsIn(sending.advance({ type: 'sent', peer: send.peer, stored: [key, keyAt(0), key], refused: [key] }))).toHaveLength(1)
  })
})

interface Run {
  keys: Key[]
  /** Who has stored each */
  stored: Map<Key, Set<number>>
  done: Done[]
  finish: Finish
  mostPeers: number
  mostKeysHeld: number
  largestSend: number
}

interface Trial {
  peers: Peers
  batches: number[]
  settings: Omit<RegionSendingInit<number>, 'peers'>
  seed: number
  /** How often sends fail, and how often a key is refused or not answered */
  fails: number
  refuses: number
  silent: ReadonlySet<number>
}

/** Send all batches, with peers that answer in random order */
function run ({ peers, batches, settings, seed, fails, refuses, silent }: Trial): Run {
  const random = seededRandom(seed)
  const keys = batches.map((size, batch) => randomPeers(size, seed + batch).map(({ kadId }) => ({ kadId })))
  const sending = new RegionSending<number, Key>({ peers, ...settings })
  const result: Run = { keys: keys.flat(), stored: new Map(keys.flat().map(key => [key, new Set()])), done: [], finish: { type: 'finish', stored: 0, failed: 0, peersLeftOut: [] }, mostPeers: 0, mostKeysHeld: 0, largestSend: 0 }
  const open: Send[] = []
  const answered = new Set<string>()
  let pulled = 0
  let given = 0
  const take = (commands: Command[]): void => {
    for (const command of commands) {
      switch (command.type) {
        case 'pull': pulled++; break
        case 'send': open.push(command); break
        case 'done': result.done.push(command); break
        case 'finish': result.finish = command; break
      }
    }
  }

  take(sending.advance({ type: 'started' }))

  while (open.length > 0 || pulled > given) {
    result.mostPeers = Math.max(result.mostPeers, open.length)
    expect(new Set(open.map(({ peer }) => peer)).size, 'one send at a time to each peer').toBe(open.length)

    if (pulled > given && (open.length === 0 || random() < 0.3)) {
      take(sending.advance({ type: 'keys', keys: keys[given] ?? [], isLast: given >= keys.length - 1 }))
      given++
      result.mostKeysHeld = Math.max(result.mostKeysHeld, keys.slice(0, given).flat().length - result.done.length)
      continue
    }

    const [send] = open.splice(Math.floor(random() * open.length), 1)
    result.largestSend = Math.max(result.largestSend, send.keys.length)

    if (silent.has(send.peer) || random() < fails) {
      take(sending.advance({ type: 'failed', peer: send.peer }))
      continue
    }

    const isRefused = send.keys.map(() => random() < refuses)
    const taken = send.keys.filter((_, i) => !isRefused[i])

    for (const key of send.keys) {
      const name = `${send.peer} ${result.keys.indexOf(key)}`
      expect(answered.has(name), 'no peer gets a key again that it has answered').toBe(false)
      answered.add(name)
    }

    taken.forEach(key => result.stored.get(key)?.add(send.peer))
    take(sending.advance({ type: 'sent', peer: send.peer, stored: taken, refused: send.keys.filter((_, i) => isRefused[i]) }))
  }

  return result
}

const trial = fc.record({
  seed: fc.nat(),
  peers: fc.record({ count: fc.integer({ min: 0, max: 60 }), seed: fc.nat() }).map(({ count, seed }) => randomPeers(count, seed)),
  batches: fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
  settings: fc.record({
    k: fc.integer({ min: 1, max: 20 }),
    peersAtOnce: fc.integer({ min: 1, max: 8 }),
    recordsPerSend: fc.integer({ min: 1, max: 20 })
  }),
  fails: fc.constantFrom(0, 0.05, 0.3, 1),
  refuses: fc.constantFrom(0, 0.05, 0.5, 1),
  silent: fc.uniqueArray(fc.nat(59), { maxLength: 20 }).map(peers => new Set(peers))
})

describe('a sending, whatever the peers do', () => {
  test('reports each key once, with as many holders as have stored it', () => {
    fc.assert(fc.property(trial, (trial) => {
      const { keys, stored, done, finish } = run(trial)
      const { k } = trial.settings
      const least = Math.max(1, Math.min(Math.ceil(k / 2), trial.peers.length))

      expect(done).toHaveLength(keys.length)
      expect(new Set(done.map(({ key }) => key))).toEqual(new Set(keys))
      done.forEach(({ key, holders, missing, result }) => {
        expect(holders).toBe(stored.get(key)?.size)
        expect(holders + missing).toBe(Math.min(k, trial.peers.length))
        expect(result).toBe(holders >= least ? 'stored' : 'failed')
      })
      expect(finish).toMatchObject({ stored: done.filter(({ result }) => result === 'stored').length, failed: done.filter(({ result }) => result === 'failed').length })
    }), { numRuns: 200 })
  })

  test('keeps within its bounds', () => {
    fc.assert(fc.property(trial, (trial) => {
      const { mostPeers, largestSend, mostKeysHeld } = run(trial)

      expect(mostPeers).toBeLessThanOrEqual(trial.settings.peersAtOnce)
      expect(largestSend).toBeLessThanOrEqual(trial.settings.recordsPerSend)
      // empty batches are not held
      expect(mostKeysHeld).toBeLessThanOrEqual(trial.batches.toSorted((a, b) => b - a).slice(0, 2).reduce((a, b) => a + b, 0))
    }), { numRuns: 200 })
  })

  test('stores each key on its k closest peers when none fails', () => {
    fc.assert(fc.property(trial, ({ silent, fails, refuses, ...rest }) => {
      const { keys, stored } = run({ ...rest, fails: 0, refuses: 0, silent: new Set() })

      for (const key of keys) {
        expect(stored.get(key)).toEqual(new Set(closest(rest.peers, key.kadId, rest.settings.k).map(({ peer }) => peer)))
      }
    }), { numRuns: 100 })
  })

  test('stores each key on the k closest of those that live, when the others are silent', () => {
    fc.assert(fc.property(trial, ({ fails, refuses, ...rest }) => {
      const { keys, stored, finish } = run({ ...rest, fails: 0, refuses: 0 })
      const living = rest.peers.filter(({ peer }) => !rest.silent.has(peer))

      for (const key of keys) {
        expect(stored.get(key)).toEqual(new Set(closest(living, key.kadId, rest.settings.k).map(({ peer }) => peer)))
      }

      expect(finish.peersLeftOut.filter(peer => !rest.silent.has(peer))).toEqual([])
    }), { numRuns: 100 })
  })

  test('loses no holder to peers that fail now and then, as long as enough are left', () => {
    fc.assert(fc.property(trial, ({ refuses, ...rest }) => {
      const { done, finish } = run({ ...rest, refuses: 0 })

      done.forEach(({ holders }) => {
        expect(holders).toBeGreaterThanOrEqual(Math.min(rest.settings.k, rest.peers.length - finish.peersLeftOut.length))
      })
    }), { numRuns: 100 })
  })
})
