import { describe, expect, test } from 'vitest'
import { good, lookup, poor, queries, responded } from './greedy-lookup.ts'
import { lookupPeer } from './lookup-peer.ts'

describe('whom a lookup asks', () => {
  test('asks the alpha closest first, then whom they name', () => {
    const machine = lookup([80, 90, 70, 60], { k: 3, alpha: 2 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[60, 'exploit'], [70, 'exploit']])
    expect(queries(machine.advance(responded(70, 10, [20, 10])))).toEqual([[10, 'exploit']])
  })

  test('follows a named peer that is further than the one who named it', () => {
    const machine = lookup([10], { k: 3 })

    machine.advance({ type: 'started', now: 0 })

    expect(queries(machine.advance(responded(10, 10, [30, 20])))).toEqual([[20, 'exploit'], [30, 'exploit']])
  })

  test('asks the whole front at once when the closest has answered', () => {
    const machine = lookup([50], { k: 6, alpha: 2, maxInFlight: 6 })

    machine.advance({ type: 'started', now: 0 })

    expect(queries(machine.advance(responded(50, 10, [1, 2, 3, 4, 5]))).map(([peer]) => peer)).toEqual([1, 2])
    expect(queries(machine.advance(responded(1, 20))).map(([peer]) => peer)).toEqual([3, 4, 5])
  })

  test('never has more than maxInFlight in slots, however far the front has moved on', () => {
    const machine = lookup([80, 90], { k: 3, alpha: 2, maxInFlight: 2 })

    machine.advance({ type: 'started', now: 0 })

    expect(queries(machine.advance(responded(80, 10, [10, 20, 30]))).map(([peer]) => peer)).toEqual([10])
    expect(queries(machine.advance({ type: 'softDeadlinePassed', peer: 90, now: 20 })).map(([peer]) => peer)).toEqual([20])
  })

  test('dials nobody while four connected peers of its front may give the one answer that is needed', () => {
    const connected = { connected: true } as const
    const start = [1, 2, 3, 4, 5].map(peer => lookupPeer(peer, peer === 1 ? {} : connected))
    const machine = lookup([...start, lookupPeer(6, { ...poor, stale: true })], { k: 6, alpha: 5 }, { endsEarly: true })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[2, 'exploit'], [3, 'exploit'], [4, 'exploit'], [5, 'exploit']])
    expect(queries(machine.advance({ type: 'failed', peer: 2, now: 100 }))).toEqual([[1, 'exploit'], [6, 'probe']])
  })

  test('asks the best connected peers beyond its front for hints, eight of them, where one answer is all that is needed', () => {
    const hints = Array.from({ length: 12 }, (_, i) => lookupPeer(80 + i, { connected: true, expectedWaitMs: 100 - i }))
    const start = [1, 2, lookupPeer(79, { expectedWaitMs: 1 }), ...hints, lookupPeer(92, { ...poor, connected: true })]
    const machine = lookup(start, { k: 2 }, { endsEarly: true })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[1, 'exploit'], [2, 'exploit'], ...[91, 90, 89, 88, 87, 86, 85, 84].map(peer => [peer, 'hint'])])
    // whom a hint names is closer, and is asked at once
    expect(queries(machine.advance(responded(84, 10, [0])))).toEqual([[0, 'exploit']])
    expect(queries(lookup(start, { k: 2 }).advance({ type: 'started', now: 0 }))).toEqual([[1, 'exploit'], [2, 'exploit']])
  })

  test('asks for hints in spare slots only', () => {
    const hints = [80, 81, 82].map(peer => lookupPeer(peer, { connected: true }))
    const machine = lookup([1, 2, ...hints], { k: 2, alpha: 2, maxInFlight: 3 }, { endsEarly: true })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[1, 'exploit'], [2, 'exploit'], [80, 'hint']])
  })

  test('tells why, with rank, score and deadlines', () => {
    const machine = lookup([lookupPeer(7, { ...good, expectedWaitMs: 50, softDeadlineMs: 100 }), 5], { k: 2, alpha: 1 })

    expect(machine.advance({ type: 'started', now: 0 })).toEqual([{
      type: 'query',
      peer: 7,
      kadId: Uint8Array.of(7),
      path: 0,
      reason: 'exploit',
      rank: 1,
      score: 0.9,
      expectedWaitMs: 50,
      softDeadlineMs: 100,
      hardDeadlineMs: 5000
    }])
  })

  test('asks another when a soft deadline passes, and no peer twice', () => {
    const machine = lookup([1, 2, 3], { k: 2 })

    expect(queries(machine.advance({ type: 'started', now: 0 })).map(([peer]) => peer)).toEqual([1, 2])
    expect(queries(machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 1000 })).map(([peer]) => peer)).toEqual([3])
    expect(queries(machine.advance({ type: 'failed', peer: 1, now: 5000 }))).toEqual([])
  })

  test('asks more strangers at once where fewer of them answer', () => {
    const start = Array.from({ length: 20 }, (_, i) => i + 1)
    const asked = (answerRate: number): number =>
      queries(lookup(start, { k: 4, alpha: 20 }, { answerRate }).advance({ type: 'started', now: 0 })).length

    expect(asked(1)).toBe(4)
    expect(asked(0.5)).toBe(8)
    expect(asked(0.001)).toBe(20)
  })

  test('counts a good peer as one that will answer', () => {
    const start = Array.from({ length: 20 }, (_, i) => lookupPeer(i + 1, good))

    expect(queries(lookup(start, { k: 4, alpha: 20 }, { answerRate: 0.5 }).advance({ type: 'started', now: 0 }))).toHaveLength(4)
  })

  test('learns the answer rate from strangers, and takes a late answer back into account', () => {
    const machine = lookup([1, 2, 3, 4, 5], { k: 5 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'failed', peer: 1, now: 10 })
    machine.advance({ type: 'softDeadlinePassed', peer: 2, now: 1000 })

    expect(machine.answerRate).toBeCloseTo(5 / 7)

    machine.advance(responded(2, 1500))

    expect(machine.answerRate).toBeCloseTo(6 / 7)
  })

  test('never asks ourselves, whoever names us', () => {
    const machine = lookup([9, 1], { k: 3 }, { self: 1 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[9, 'exploit']])
    expect(queries(machine.advance(responded(9, 10, [1, 2])))).toEqual([[2, 'exploit']])
  })

  test('reads only the closest of a huge answer, and its facts of a known peer not at all', () => {
    const machine = lookup([200, lookupPeer(100, poor)], { k: 2 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(200, 10, [...Array.from({ length: 50 }, (_, i) => i + 1), lookupPeer(100, good)]))

    expect(machine.stateOf(4)).toBeDefined()
    expect(machine.stateOf(5)).toBeUndefined()
    expect(queries(machine.advance(responded(1, 20)))).not.toContainEqual([100, 'exploit'])
  })

  test('stops asking at maxQueries and ends with who has answered', () => {
    const machine = lookup([90], { k: 2, maxQueries: 3 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(90, 10, [50, 40, 30, 20]))

    expect(machine.advance({ type: 'failed', peer: 20, now: 20 })).toEqual([])
    expect(machine.advance(responded(30, 20, [1, 2]))).toEqual([{ type: 'finish', closest: [30, 90], reason: 'converged' }])
  })
})

describe('when a lookup ends', () => {
  test('ends when the k closest have answered and cancels what still runs', () => {
    const machine = lookup([10, 20, 30], { k: 2, alpha: 2 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(20, 10, [5]))

    expect(machine.advance(responded(5, 20))).toEqual([])
    expect(machine.advance(responded(10, 30))).toEqual([{ type: 'finish', closest: [5, 10], reason: 'converged' }])
  })

  test('waits for a closer peer that is in its slot', () => {
    const machine = lookup([1, 2, 3], { k: 2, alpha: 3 }, { answerRate: 0.5 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 10))

    expect(machine.advance(responded(3, 20))).toEqual([])
  })

  test('gives late peers a grace when others that were late have answered, however many are dead', () => {
    const start = (): ReturnType<typeof lookup> => {
      const machine = lookup([1, 2, 3, 4], { k: 2, graceMs: 500 }, { answerRate: 0.5 })

      machine.advance({ type: 'started', now: 0 })
      machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 1000 })
      machine.advance({ type: 'softDeadlinePassed', peer: 2, now: 1000 })

      return machine
    }

    const nobodyAnsweredLate = start()
    nobodyAnsweredLate.advance(responded(3, 1060))
    expect(nobodyAnsweredLate.advance(responded(4, 1061))).toContainEqual({ type: 'finish', closest: [3, 4], reason: 'converged' })

    const oneDid = start()
    expect(oneDid.advance(responded(2, 1050))).toContainEqual({ type: 'setTimer', atMs: 1000 + 500 / 2 })
    expect(oneDid.advance(responded(3, 1061))).toEqual([])
    expect(oneDid.advance(responded(1, 1200))).toContainEqual({ type: 'finish', closest: [1, 2], reason: 'converged' })
  })

  test('holds the finish for a late peer until its grace is over', () => {
    const machine = lookup([lookupPeer(1, good), 2, 3], { k: 2, graceMs: 500 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 1000 })
    machine.advance(responded(2, 1100))

    expect(machine.advance(responded(3, 1200))).toEqual([])
    expect(machine.advance({ type: 'timerFired', now: 1499 })).toEqual([{ type: 'setTimer', atMs: 1500 }])
    expect(machine.advance({ type: 'timerFired', now: 1500 })).toEqual([
      { type: 'cancel', peer: 1 },
      { type: 'finish', closest: [2, 3], reason: 'converged' }
    ])
  })

  test('asks for the timer as soon as a late peer could hold the finish', () => {
    const machine = lookup([lookupPeer(1, good), 2], { k: 2, graceMs: 500 })

    machine.advance({ type: 'started', now: 0 })

    expect(machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 1000 })).toEqual([{ type: 'setTimer', atMs: 1500 }])
  })

  test('takes a late answer within the grace into the result', () => {
    const machine = lookup([lookupPeer(1, good), 2, 3], { k: 2, graceMs: 500 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 1000 })
    machine.advance(responded(2, 1100))

    expect(machine.advance(responded(1, 1499))).toEqual([
      { type: 'cancel', peer: 3 },
      { type: 'finish', closest: [1, 2], reason: 'converged' }
    ])
  })

  test.each([
    ['a stranger whose connection stands', [{ type: 'connected', peer: 1, now: 900 } as const], {}, 4500],
    ['a stranger that was connected before', [], { connected: true }, 4500],
    // of strangers 5 in 6 have answered so far: the start's 5, and this one not
    ['a stranger that does not connect', [], {}, 1000 + 500 * (2 * 5 / 6 - 1)],
    ['a good peer whose connection stands', [{ type: 'connected', peer: 1, now: 900 } as const], good, 4500],
    ['a good peer that does not connect', [], good, 1500]
  ])('has more patience with a peer that shows a sign of life: %s', (_, events, facts, atMs) => {
    const machine = lookup([lookupPeer(1, facts), 2], { k: 2, graceMs: 500, connectedGraceMs: 3500 })

    machine.advance({ type: 'started', now: 0 })
    events.forEach(event => machine.advance(event))

    expect(machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 1000 })).toEqual([{ type: 'setTimer', atMs }])
  })

  test.each([
    ['had the whole of it before', { connected: true, suspect: true, silentMs: 3500 }, [{ type: 'finish', closest: [2], reason: 'exhausted' }]],
    ['had the whole of it before, and connects again', { suspect: true, silentMs: 60_000 }, [{ type: 'finish', closest: [2], reason: 'exhausted' }]],
    ['had a part of it before', { connected: true, suspect: true, silentMs: 3499 }, [{ type: 'setTimer', atMs: 4500 }]]
  ])('waits once for the same silence: a connected peer that %s', (_, facts, actions) => {
    const machine = lookup([lookupPeer(1, facts), 2], { k: 2, connectedGraceMs: 3500 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'connected', peer: 1, now: 10 })
    machine.advance(responded(2, 20))

    expect(machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 1000 }).filter(({ type }) => type !== 'cancel')).toEqual(actions)
  })

  test('waits in its slot for a peer that failed the last time, if its score is good enough all the same', () => {
    const machine = lookup([lookupPeer(1, { suspect: true }), 2], { k: 1 }, { answerRate: 0.9 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'signOfLife', peer: 1, now: 5, news: false })

    expect(machine.advance(responded(2, 10))).toEqual([])
    expect(machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 400 })).toEqual([
      { type: 'cancel', peer: 1 },
      { type: 'finish', closest: [2], reason: 'converged' }
    ])
  })

  test('has the long patience with a relayed peer once its relay has shown life', () => {
    const machine = lookup([lookupPeer(1, { relayed: true }), 2], { k: 2, graceMs: 500, connectedGraceMs: 3500 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'signOfLife', peer: 1, now: 50, news: false })
    machine.advance(responded(2, 100))

    expect(machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 400 })).toEqual([{ type: 'setTimer', atMs: 3900 }])
    expect(machine.advance(responded(1, 3800))).toEqual([{ type: 'finish', closest: [1, 2], reason: 'converged' }])
  })

  test('has the long patience from the first sign of life on, when that comes after the soft deadline', () => {
    const machine = lookup([1, 2], { k: 2, graceMs: 500, connectedGraceMs: 3500 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 100))
    machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 400 })

    expect(machine.advance({ type: 'signOfLife', peer: 1, now: 700, news: false })).toEqual([{ type: 'setTimer', atMs: 4200 }])
    expect(machine.advance(responded(1, 4000))).toEqual([{ type: 'finish', closest: [1, 2], reason: 'converged' }])
  })

  test('has the long patience from its connection on, when that stands only after the soft deadline', () => {
    const machine = lookup([1, 2], { k: 2, graceMs: 500, connectedGraceMs: 3500 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 100))
    machine.advance({ type: 'softDeadlinePassed', peer: 1, now: 400 })

    expect(machine.advance({ type: 'connected', peer: 1, now: 800 })).toEqual([{ type: 'setTimer', atMs: 4300 }])
    expect(machine.advance(responded(1, 4299))).toEqual([{ type: 'finish', closest: [1, 2], reason: 'converged' }])
  })

  test('is exhausted when fewer than k peers are left', () => {
    const machine = lookup([1, 2], { k: 5 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'failed', peer: 1, now: 10 })

    expect(machine.advance(responded(2, 20))).toEqual([{ type: 'finish', closest: [2], reason: 'exhausted' }])
  })

  test('is exhausted at once when it knows nobody', () => {
    expect(lookup([], {}).advance({ type: 'started', now: 0 })).toEqual([{ type: 'finish', closest: [], reason: 'exhausted' }])
  })

  test('ends with beta answers where the operation needs no more', () => {
    const machine = lookup([1, 2, 3], { k: 3 }, { beta: 1 })

    machine.advance({ type: 'started', now: 0 })

    expect(machine.advance(responded(2, 10))).toEqual([])
    expect(machine.advance(responded(1, 10))).toEqual([
      { type: 'cancel', peer: 3 },
      { type: 'finish', closest: [1, 2], reason: 'converged' }
    ])
  })

  test.each(['satisfied', 'cancelled'] as const)('ends when it is %s, with those who have answered', type => {
    const machine = lookup([1, 2], { k: 2 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 10))

    expect(machine.advance({ type, now: 20 })).toEqual([
      { type: 'cancel', peer: 1 },
      { type: 'finish', closest: [2], reason: type }
    ])
  })

  test('does nothing before it starts, twice, or after it ended', () => {
    const machine = lookup([1], { k: 1 })

    expect(machine.advance(responded(1, 0))).toEqual([])
    expect(machine.advance({ type: 'started', now: 0 })).toHaveLength(1)
    expect(machine.advance({ type: 'started', now: 1 })).toEqual([])
    expect(machine.advance(responded(1, 10))).toHaveLength(1)
    expect(machine.advance({ type: 'cancelled', now: 20 })).toEqual([])
  })
})

describe('disjoint paths', () => {
  test('deals the start peers by distance and asks each peer over one path only', () => {
    const machine = lookup([10, 20, 30, 40], { k: 2, disjointPaths: 2 })
    const started = machine.advance({ type: 'started', now: 0 })

    expect(started.map(action => action.type === 'query' && [action.peer, action.path])).toEqual([[10, 0], [30, 0], [20, 1], [40, 1]])

    const named = machine.advance(responded(10, 10, [1, 20]))

    expect(named.map(action => action.type === 'query' && [action.peer, action.path])).toEqual([[1, 0]])
    expect(queries(machine.advance(responded(20, 10, [1, 2])))).toEqual([[2, 'exploit']])
  })

  test('ends when each path has its own k closest, with the k closest of all', () => {
    const machine = lookup([10, 20], { k: 1, disjointPaths: 2 })

    machine.advance({ type: 'started', now: 0 })

    expect(machine.advance(responded(10, 10))).toEqual([])
    expect(machine.advance(responded(20, 20, [5]))).toHaveLength(1)
    expect(machine.advance(responded(5, 30))).toEqual([{ type: 'finish', closest: [5], reason: 'converged' }])
  })
})
