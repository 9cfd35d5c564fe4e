import { multiaddr } from '@multiformats/multiaddr'
import { Level } from 'level'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { beforeEach, describe, expect, test } from 'vitest'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import { ScoreKeeper } from '../../../src/libp2p/store/score-keeper.ts'
import { LevelScoreStore } from '../../../src/persistence/level-score-store.ts'
import { ScoreStoreError } from '../../../src/persistence/score-store-error.ts'
import { ScoredRoutingTable } from '../../../src/routing-table/scored-routing-table.ts'
import { temporaryDirectory } from '../../persistence/temporary-directory.ts'
import { MapScoreStore } from '../../persistence/map-score-store.ts'
import { responded } from '../../score/outcomes.ts'
import { errorsTo } from '../errors-to.ts'
import { noBuckets } from '../no-buckets.ts'
import { strangerId } from '../test-node.ts'
import type { ScoreStore, UnreadableEntry } from '../../../src/persistence/score-store.ts'
import type { StoredTexts } from '../../persistence/map-score-store.ts'
import type { PeerId } from '@libp2p/interface'

const HOUR = 3_600_000
const ADDRESS = multiaddr('/ip4/1.2.3.4/tcp/4001')

/** One run of a node, as far as its scores go */
interface Run {
  table: ScoredRoutingTable<string>
  book: PeerBook
  keeper: ScoreKeeper
  errors: string[]
  unreadable: UnreadableEntry[]
  flushes: number[]
  /** A peer answers now */
  answers: (id: PeerId) => Promise<void>
  /** A peer is named by another one now */
  isNamed: (id: PeerId, referrer: PeerId) => Promise<void>
}

let texts: StoredTexts
let timeOfDay: number

beforeEach(() => {
  texts = new Map()
  timeOfDay = 1_700_000_000_000
})

/**
 * The clock of each run begins somewhere else
 *
 * @param stepMs - How far the clock goes on whenever it is read, as where every step takes long
 */
function run ({ store = new MapScoreStore(texts) as ScoreStore, startedAt = 1_000_000, stepMs = 0, maxNamedPeers = 100 } = {}): Run {
  const errors: string[] = []
  const unreadable: UnreadableEntry[] = []
  const flushes: number[] = []
  const beganAt = timeOfDay
  let steps = 0
  const now = (): number => startedAt + timeOfDay - beganAt + stepMs * steps++
  const changed: { tell: (peer: string) => void } = { tell: () => {} }
  const table = new ScoredRoutingTable<string>({ buckets: noBuckets(), localPeer: 'ourselves', maxNamedPeers, onChange: peer => { changed.tell(peer) } })
  const book = new PeerBook({ connectionManager: { isDialable: async () => true } }, { maxPeers: 100, keeps: () => true, peerInfoMapper: info => info, now })
  const keeper = new ScoreKeeper({
    store,
    strict: false,
    table,
    book,
    maxPeers: 100,
    maxNamedPeers,
    log: errorsTo(errors).forComponent('test'),
    clock: { now, timeOfDay: () => timeOfDay },
    onUnreadable: entry => { unreadable.push(entry) },
    onFlushed: timeMs => { flushes.push(timeMs) },
    onFailure: () => {}
  })
  changed.tell = peer => { keeper.changed(peer) }

  return {
    table,
    book,
    keeper,
    errors,
    unreadable,
    flushes,
    answers: async id => {
      const { kadId } = (await book.learn({ id, multiaddrs: [ADDRESS] })).entry
      await book.usable(await book.add(id))
      table.record({ peer: id.toString(), kadId }, responded(50), now())
    },
    isNamed: async (id, referrer) => {
      const { kadId } = (await book.learn({ id, multiaddrs: [ADDRESS] })).entry
      await book.usable(await book.add(id))
      table.namedBy({ peer: id.toString(), kadId }, referrer.toString(), now())
    }
  }
}

async function started (init?: Parameters<typeof run>[0]): Promise<Run> {
  const one = run(init)
  await one.keeper.start(new AbortController().signal)

  return one
}

describe('the scores of a node', () => {
  test('are there again at the next start, with the addresses', async () => {
    const id = await strangerId()
    const first = await started()
    await first.answers(id)
    await first.keeper.stop()
    const second = await started({ startedAt: 5 })

    expect(second.table.scores.get(id.toString())).toMatchObject({ lastOutcome: 'responded', latencyMs: 50 })
    expect(second.book.get(id.toString())?.addresses.map(({ multiaddr }) => multiaddr.toString())).toEqual([ADDRESS.toString()])
    expect(second.table.best(1, 5).map(({ peer }) => peer)).toEqual([id.toString()])
  })

  test('are as old as they are, whatever the clock of the run', async () => {
    const id = await strangerId()
    const first = await started()
    await first.answers(id)
    await first.keeper.stop()
    timeOfDay += HOUR
    const second = await started({ startedAt: 10 * HOUR })

    expect(second.table.scores.get(id.toString())?.updatedAt).toBe(9 * HOUR)
  })

  test('of a time that is still to come are of now: a clock was wrong', async () => {
    const id = await strangerId()
    const first = await started()
    await first.answers(id)
    await first.keeper.stop()
    timeOfDay -= HOUR

    expect((await started({ startedAt: 10 * HOUR })).table.scores.get(id.toString())?.updatedAt).toBe(10 * HOUR)
  })

  test('that the node has by now are not those of the store', async () => {
    const id = await strangerId()
    const first = await started()
    await first.answers(id)
    await first.keeper.stop()
    const second = run()
    await second.answers(id)
    await second.answers(id)
    const { weight } = second.table.scores.get(id.toString()) ?? {}
    await second.keeper.start(new AbortController().signal)

    expect(second.table.scores.get(id.toString())?.weight).toBe(weight)
  })

  test('are written at each flush, which tells how long that took', async () => {
    const { keeper, flushes, answers } = await started()
    await answers(await strangerId())
    expect(texts.size).toBe(0)

    await keeper.flush()
    expect(texts.size).toBe(1)
    expect(flushes).toEqual([0])
  })

  test('are gone from the store once they are forgotten, one or all', async () => {
    const [one, other] = [await strangerId(), await strangerId()]
    const { keeper, table, answers } = await started()
    await answers(one)
    await answers(other)
    await keeper.flush()
    table.forget(one.toString())
    await keeper.forget(one.toString())
    expect(texts.size).toBe(1)

    table.forget(other.toString())
    await keeper.forgetAll()
    expect(texts.size).toBe(0)
  })

  test('that are still on the disk are told of when they are to be forgotten', async () => {
    const store = new MapScoreStore(texts)
    const { keeper } = await started({ store })
    store.write = async () => { throw new ScoreStoreError('the disk is full', { problem: 'no-space' }) }

    await expect(keeper.forget((await strangerId()).toString())).rejects.toThrow(expect.objectContaining({
      problem: 'no-space',
      message: 'the disk is full. What is to be forgotten is gone from memory, and from the store when that can be used again'
    }))
  })
})

describe('the peers that were named and not asked', () => {
  test('are there again at the next start, with who named them, when, and their addresses, in LevelDB too', async () => {
    const location = await temporaryDirectory()
    const [id, referrer, other] = [await strangerId(), await strangerId(), await strangerId()]
    const first = await started({ store: new LevelScoreStore({ location }) })
    await first.isNamed(id, referrer)
    await first.answers(other)
    await first.keeper.stop()
    timeOfDay += HOUR
    const second = await started({ store: new LevelScoreStore({ location }), startedAt: 10 * HOUR })
    const [candidate] = second.table.namedCandidates(new Uint8Array(32), 5, 10 * HOUR)

    expect(second.table.scores.has(id.toString())).toBe(false)
    expect(second.table.namedPeer(id.toString())).toMatchObject({ referrer: referrer.toString(), namedAt: 9 * HOUR })
    expect(candidate.peer).toBe(id.toString())
    expect(candidate.kadId).toEqual(first.book.get(id.toString())?.kadId)
    expect(second.book.get(id.toString())?.addresses.map(({ multiaddr }) => multiaddr.toString())).toEqual([ADDRESS.toString()])
    await second.keeper.stop()
  })

  test('are written at a flush when they are new or an hour has passed, and not at each naming', async () => {
    const [id, referrer] = [await strangerId(), await strangerId()]
    const store = new MapScoreStore(texts)
    const written: number[] = []
    const { keeper, isNamed } = await started({ store })
    store.write = async batch => {
      written.push(batch.put.length)
      await MapScoreStore.prototype.write.call(store, batch)
    }

    for (const passed of [0, 1_000, HOUR, 1_000]) {
      timeOfDay += passed
      await isNamed(id, referrer)
      await keeper.flush()
    }

    expect(written).toEqual([1, 1])
  })

  test('have a score in their record once they were asked, and none any more when they are gone', async () => {
    const [one, other, referrer] = [await strangerId(), await strangerId(), await strangerId()]
    const { keeper, table, isNamed, answers } = await started()
    await isNamed(one, referrer)
    await isNamed(other, referrer)
    await keeper.flush()
    await answers(one)
    table.leave(other.toString())
    await keeper.stop()
    const second = await started()

    expect([...second.table.namedPeers()]).toEqual([])
    expect(second.table.scores.has(one.toString())).toBe(true)
    expect(texts.size).toBe(1)
  })

  test('are no more than allowed: those of who has named the most leave, from the store as well', async () => {
    const [honest, liar, named] = [await strangerId(), await strangerId(), await strangerId()]
    const first = await started()

    for (let n = 0; n < 9; n++) {
      await first.isNamed(await strangerId(), liar)
    }

    await first.isNamed(named, honest)
    await first.keeper.stop()
    expect(texts.size).toBe(10)
    const second = await started({ maxNamedPeers: 3 })
    await second.keeper.flush()

    expect([...second.table.namedPeers()]).toHaveLength(3)
    expect(second.table.namedPeer(named.toString())).toBeDefined()
    expect(texts.size).toBe(3)

    await second.keeper.stop()
    const third = await started({ maxNamedPeers: 0 })
    await third.keeper.flush()
    expect(texts.size).toBe(0)
  })

  test('that the node has asked by now, or has forgotten, do not come back', async () => {
    const [asked, forgotten, referrer] = [await strangerId(), await strangerId(), await strangerId()]
    const first = await started()
    await first.isNamed(asked, referrer)
    await first.isNamed(forgotten, referrer)
    await first.keeper.stop()
    const second = run()
    await second.answers(asked)
    await second.keeper.forget(forgotten.toString())
    await second.keeper.start(new AbortController().signal)

    expect([...second.table.namedPeers()]).toEqual([])
    expect(texts.size).toBe(1)
  })

  test('are lost one by one where a record is damaged', async () => {
    const location = await temporaryDirectory()
    const ids = [await strangerId(), await strangerId(), await strangerId()]
    const first = await started({ store: new LevelScoreStore({ location }) })

    for (const id of ids) {
      await first.isNamed(id, ids[0])
    }

    await first.keeper.stop()
    const db = new Level(location)
    const records = db.sublevel<Uint8Array, Uint8Array>('peer-scores', { keyEncoding: 'view', valueEncoding: 'view' })
    const value = new Uint8Array(await records.get(ids[1].toMultihash().bytes) ?? [])
    value[value.byteLength >> 1] ^= 1
    await records.put(ids[1].toMultihash().bytes, value)
    await db.close()
    const second = await started({ store: new LevelScoreStore({ location }) })

    expect([...second.table.namedPeers()].sort()).toEqual([ids[0], ids[2]].map(String).sort())
    expect(second.unreadable).toHaveLength(1)
    await second.keeper.stop()
  })

  test('whose referrer is nobody cost themselves alone', async () => {
    const [id, referrer] = [await strangerId(), await strangerId()]
    const first = await started()
    await first.isNamed(id, referrer)
    await first.keeper.stop()
    const [[key, text]] = texts
    texts.set('aa', text.replaceAll(key, 'aa').replace(uint8ArrayToString(referrer.toMultihash().bytes, 'base16'), 'bb'))
    const second = await started()

    expect([...second.table.namedPeers()]).toEqual([id.toString()])
    expect(second.errors).toHaveLength(1)
  })
})

describe('the scores of many peers', () => {
  const PEERS = 40

  /** How often others have their turn while something is done */
  async function turnsDuring (work: () => Promise<void>): Promise<number> {
    let turns = 0
    let isOver = false
    const count = (): void => {
      if (!isOver) {
        turns++
        setImmediate(count)
      }
    }

    setImmediate(count)
    await work().finally(() => { isOver = true })

    return turns
  }

  beforeEach(async () => {
    const { keeper, answers } = await started()

    for (let peer = 0; peer < PEERS; peer++) {
      await answers(await strangerId())
    }

    await keeper.stop()
  })

  test('are read and taken in, each with its place, while others have their turns', async () => {
    const { table, keeper } = run({ stepMs: 5 })
    const turns = await turnsDuring(async () => keeper.start(new AbortController().signal))

    // one for each peer that is read, and one for each that is taken in
    expect(turns).toBeGreaterThan(1.5 * PEERS)
    expect(table.scores.size).toBe(PEERS)
    expect(table.goodPeers(1_000_000)).toBe(PEERS)
  })

  test('are marked to be written again, while others have their turns', async () => {
    const store = new MapScoreStore(texts)
    const { table, keeper, answers } = await started({ store, stepMs: 5 })
    store.write = async () => { throw new Error('the disk is full') }
    await answers(await strangerId())

    expect(await turnsDuring(async () => keeper.flush())).toBeGreaterThan(PEERS)

    texts.clear()
    store.write = MapScoreStore.prototype.write
    await keeper.flush()
    expect(texts.size).toBe(table.scores.size)
  })

  test('are not taken in any more when the node stops meanwhile', async () => {
    const { table, keeper } = run({ stepMs: 5 })
    const controller = new AbortController()
    const restore = table.restore.bind(table)
    table.restore = (...peer) => {
      restore(...peer)

      if (table.scores.size === 3) {
        controller.abort(new Error('the node stops'))
      }
    }

    await expect(keeper.start(controller.signal)).rejects.toThrow('the node stops')
    await keeper.stop()
    expect(table.scores.size).toBe(3)
    expect(texts.size).toBe(PEERS)
  })
})

describe('entries that can not be read', () => {
  test('cost these alone, and get three lines of the log and one for all others', async () => {
    const id = await strangerId()
    const first = await started()
    await first.answers(id)
    await first.keeper.stop()
    Array.from({ length: 5 }, (_, n) => texts.set(`0${n}`, 'nonsense'))
    const second = await started()

    expect(second.table.scores.has(id.toString())).toBe(true)
    expect(second.unreadable).toHaveLength(5)
    expect(second.errors).toEqual([0, 1, 2].map(n => `score of 0${n} is lost: damaged`).concat('2 more scores are lost: damaged'))
  })

  test('of a later release are left as they are, until all is to be forgotten', async () => {
    const id = await strangerId()
    const { bytes } = id.toMultihash()
    const store = new MapScoreStore(texts)
    store.load = async function * (onUnreadable) { onUnreadable({ key: 'later', peer: bytes, reason: 'unknown-version' }) }
    const { keeper, errors, answers } = await started({ store })
    await answers(id)
    await keeper.flush()
    expect(errors).toEqual(['1 scores were written by a later release, which will find them again: they are left as they are'])
    expect(texts.size).toBe(0)

    await keeper.forgetAll()
    await answers(id)
    await keeper.flush()
    expect(texts.size).toBe(1)
  })
})
