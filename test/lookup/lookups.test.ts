import { beforeEach, describe, expect, test } from 'vitest'
import { Lookups } from '../../src/lookup/lookups.ts'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { requestTimeouts } from '../../src/parameters/request-timeouts.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { entryOf, MemoryBuckets } from '../routing-table/memory-buckets.ts'
import { responded, TIMED_OUT } from '../score/outcomes.ts'
import { lookupPeer } from './lookup-peer.ts'
import type { LookupTask } from '../../src/lookup/lookups.ts'

// a peer is its own kad id, and the target is 0: a peer's number is its distance
const TARGET = Uint8Array.of(0)

let table: ScoredRoutingTable<number>
let lookups: Lookups<number>

beforeEach(() => {
  table = new ScoredRoutingTable<number>({ buckets: new MemoryBuckets([1, 2, 3, 4, 5, 6, 7, 8, 9]), localPeer: 255 })
  lookups = new Lookups({
    table,
    selector: new EpsilonGreedySelector({ epsilon: 0, random: () => 0 }),
    parameters: validateLookupParameters({ k: 3, alpha: 3, maxInFlight: 3 }),
    timeouts: requestTimeouts(),
    self: 255
  })
})

function begin (task: Partial<LookupTask<number>> = {}): { run: ReturnType<typeof lookups.lookup>, asked: number[], ends: boolean[] } {
  const ends: boolean[] = []
  const run = lookups.lookup({ target: TARGET, start: [], endsEarly: false, maxConnections: Infinity, onEnd: answered => { ends.push(answered) }, ...task }, 0)
  const asked = (run?.advance({ type: 'started', now: 0 }) ?? []).flatMap(command => command.type === 'ask' ? [command.peer] : [])
  asked.forEach(peer => run?.advance({ type: 'asked', now: 0, peer, connected: false }))

  return { run, asked, ends }
}

describe('the lookups of a node', () => {
  test('are ready when k good peers are known', () => {
    const ready = [1, 2, 3].map(peer => {
      table.record(entryOf(peer), responded(), 0)

      return lookups.isReady(0)
    })

    expect(ready).toEqual([false, false, true])
  })

  test('begin with twice k of the closest peers', () => {
    expect(lookups.candidates(TARGET, 0).map(({ peer }) => peer)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('may ask the k closest of the connected peers for hints, if these are in the table and not poor', () => {
    ;[1, 7, 30, 40, 45].forEach(peer => { table.record(entryOf(peer), responded(), 0) })
    ;[2, 2, 2].forEach(peer => { table.record(entryOf(peer), TIMED_OUT, 0) })
    table.leave(30)

    // 2 is poor, 30 speaks the protocol no longer, and 50 was never asked
    expect(lookups.hintCandidates(TARGET, [50, 45, 40, 30, 7, 2, 1], 0).map(({ peer }) => peer)).toEqual([1, 7, 40])
  })

  test.each([
    ['nobody answered', true, [{ type: 'failed' as const, peer: 1 }], true],
    ['somebody answered', true, [{ type: 'responded' as const, peer: 1, closer: [] }], false],
    ['it waited for a first peer before', false, [{ type: 'failed' as const, peer: 1 }], false]
  ])('are worth another one or not where %s', (_, wasReady, facts, isWorthAgain) => {
    const { run } = begin({ start: [lookupPeer(1)] })
    facts.forEach(fact => { run?.advance({ ...fact, now: 10 }) })

    expect(lookups.isWorthAgain(run, wasReady)).toBe(isWorthAgain)
    expect(lookups.isWorthAgain(undefined, wasReady)).toBe(wasReady)
  })

  test('know a peer by its score and its connection', () => {
    table.record(entryOf(1), responded(), 0)

    expect(lookups.factsOf({ ...entryOf(1), connected: true, relayed: false, referrer: undefined }, 0)).toMatchObject({ peer: 1, peerClass: 'good', connected: true })
  })

  test('have nothing to begin with where there is nobody to ask', () => {
    expect(begin().run).toBeUndefined()
  })

  test('never ask ourselves', () => {
    expect(begin({ start: [255, 7].map(peer => lookupPeer(peer)) }).asked).toEqual([7])
  })

  test('learn from one another how many servers there are, and with that who is near', () => {
    const near: Array<number | undefined> = []
    const onStep: LookupTask<number>['onStep'] = (_, __, init) => { if (init !== undefined) { near.push(init.nearLog2) } }

    for (let lookup = 0; lookup < 5; lookup++) {
      const { run } = begin({ start: [1, 2, 4].map(peer => lookupPeer(peer)), onStep })
      ;[1, 2, 4].forEach(peer => { run?.advance({ type: 'responded', now: 10, peer, closer: [] }) })
    }

    begin({ start: [lookupPeer(1)], onStep })

    const servers = (1 + 4 + 9) / ((1 * 1 + 2 * 2 + 3 * 4) / 256) - 1

    expect(lookups.networkSize(10)?.servers).toBeCloseTo(servers, 6)
    expect(near).toEqual([undefined, undefined, undefined, undefined, undefined, expect.closeTo(Math.log2(1.7 * 3 / servers * 256), 6)])
  })

  test('learn nothing from a lookup that found fewer than k, or was given up', () => {
    for (let lookup = 0; lookup < 5; lookup++) {
      const { run } = begin({ start: [1, 2].map(peer => lookupPeer(peer)) })
      ;[1, 2].forEach(peer => { run?.advance({ type: 'responded', now: 10, peer, closer: [] }) })
      const { run: other } = begin({ start: [1, 2, 4].map(peer => lookupPeer(peer)) })
      other?.advance({ type: 'cancelled', now: 10 })
    }

    expect(lookups.networkSize(10)).toBeUndefined()
  })

  test('ask no more at a time than the connections of the node allow', () => {
    const parameters = validateLookupParameters({ k: 20, alpha: 20, maxInFlight: 20 })
    lookups = new Lookups({ table, selector: new EpsilonGreedySelector({ epsilon: 0, random: () => 0 }), parameters, timeouts: requestTimeouts() })
    const start = Array.from({ length: 20 }, (_, i) => lookupPeer(1 + i))

    expect([Infinity, 15, 1].map(maxConnections => begin({ start, maxConnections }).asked.length)).toEqual([20, 15, 10])
  })
})

describe('a lookup', () => {
  test('tells once when it has ended, and whether anybody answered', () => {
    const one = begin({ start: [lookupPeer(1)] })
    one.run?.advance({ type: 'failed', now: 10, peer: 1 })
    const other = begin({ start: [lookupPeer(2)] })
    other.run?.advance({ type: 'responded', now: 10, peer: 2, closer: [] })
    other.run?.advance({ type: 'cancelled', now: 20 })

    expect([one.ends, other.ends]).toEqual([[false], [true]])
  })

  test('that begins again asks nobody for whom the one before waited in vain', () => {
    const before = begin({ start: [lookupPeer(1), lookupPeer(2)] })
    before.run?.advance({ type: 'timerFired', now: 5000, peer: 1 })

    expect(before.run?.isLate(1)).toBe(true)
    expect(begin({ start: [lookupPeer(1), lookupPeer(3)], before: before.run }).asked).toEqual([3])
    expect(begin({ start: [lookupPeer(1)], before: before.run }).run).toBeUndefined()
  })

  test('begins with the share of strangers that answered to the one before', () => {
    const rates: Array<number | undefined> = []
    const task: Partial<LookupTask<number>> = {
      start: [1, 2, 3].map(peer => lookupPeer(peer)),
      onStep: (_, __, init) => {
        if (init !== undefined) {
          rates.push(init.answerRate)
        }
      }
    }
    const { run } = begin(task)
    ;[1, 2, 3].forEach(peer => run?.advance({ type: 'failed', now: 10, peer }))
    begin(task)

    expect(rates).toEqual([1, 5 / 8])
  })

  test('tells of each fact and of what it decides then, and with the first one of what it began with', () => {
    const steps: Array<[string, string[], boolean]> = []
    const { run } = begin({
      start: [lookupPeer(1)],
      endsEarly: true,
      onStep: ({ type }, actions, init) => { steps.push([type, actions.map(action => action.type), init?.endsEarly === true]) }
    })
    run?.advance({ type: 'responded', now: 10, peer: 1, closer: [] })

    expect(steps).toEqual([['started', ['query'], true], ['responded', ['finish'], false]])
  })
})
