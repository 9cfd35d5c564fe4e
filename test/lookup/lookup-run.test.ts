import { beforeEach, describe, expect, test } from 'vitest'
import { Lookups } from '../../src/lookup/lookups.ts'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { requestTimeouts } from '../../src/parameters/request-timeouts.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { entryOf, MemoryBuckets } from '../routing-table/memory-buckets.ts'
import type { LookupPeer } from '../../src/lookup/candidate-list.ts'
import type { LookupCommand, LookupRun } from '../../src/lookup/lookup-run.ts'
import type { Graces } from '../../src/liveness/late-answers.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const ANSWERED: Outcome = { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }
// a peer is its own kad id, and the target is 0: a peer's number is its distance
const TARGET = Uint8Array.of(0)

let table: ScoredRoutingTable<number>
let lookups: Lookups<number>
let ends: boolean[]

beforeEach(() => {
  table = new ScoredRoutingTable<number>({ buckets: new MemoryBuckets(), localPeer: 255 })
  lookups = new Lookups({ table, selector: new EpsilonGreedySelector({ epsilon: 0, random: () => 0 }), parameters: validateLookupParameters({ k: 3, alpha: 2, maxInFlight: 3 }), timeouts: requestTimeouts(), self: 255 })
  ends = []
})

function factsOf (peer: number, referrer?: number): LookupPeer<number> {
  return lookups.factsOf({ ...entryOf(peer), connected: false, relayed: false, referrer }, 0)
}

function lookup (...start: number[]): LookupRun<number> {
  return lookups.lookup({ target: TARGET, start: start.map(peer => factsOf(peer)), endsEarly: false, maxConnections: Infinity, onEnd: answered => { ends.push(answered) } }, 0) as LookupRun<number>
}

function askedBy (commands: Array<LookupCommand<number>>): number[] {
  return commands.flatMap(command => command.type === 'ask' ? [command.peer] : [])
}

/** The requests that a lookup makes at its start are under way */
function started (...start: number[]): LookupRun<number> {
  const run = lookup(...start)

  for (const peer of askedBy(run.advance({ type: 'started', now: 0 }))) {
    run.advance({ type: 'asked', now: 0, peer, connected: false })
  }

  return run
}

describe('a peer whose names never answer', () => {
  test('is believed the closest two names, and the others are not remembered either', () => {
    for (let i = 0; i < 20; i++) {
      table.scores.recordReferral(9, false, 0)
    }

    const run = started(9)
    const commands = run.advance({ type: 'responded', now: 10, peer: 9, closer: [5, 6, 7, 8].map(peer => factsOf(peer, 9)) })

    expect(askedBy(commands)).toEqual([5, 6])
    expect([5, 6, 7, 8].map(peer => table.namedPeer(peer)?.referrer)).toEqual([9, 9, undefined, undefined])
  })
})

describe('a lookup with its requests', () => {
  test('has peers asked, and sets the timer of each request once it is made', () => {
    const run = lookup(1, 2, 3)
    const commands = run.advance({ type: 'started', now: 0 })

    expect(commands.map(({ type }) => type)).toEqual(['ask', 'ask'])
    expect(commands[0]).toMatchObject({ type: 'ask', peer: 1, query: { kadId: Uint8Array.of(1), path: 0 }, dialPriority: 50 })
    expect(run.advance({ type: 'asked', now: 0, peer: 1, connected: false })).toEqual([{ type: 'setTimer', peer: 1, atMs: table.scores.connectDeadlineMs(1, false) }])
    expect(run.queries).toBe(1)
  })

  test('frees the slot of a request whose time has come, and counts a failure', () => {
    const run = started(1, 2, 3)

    expect(askedBy(run.advance({ type: 'timerFired', now: 5000, peer: 1 }))).toEqual([3])
    expect(table.scores.get(1)?.lastOutcome).toBe('dialFailed')
    expect(run.isLate(1)).toBe(true)
  })

  test('counts the outcome, whether it is told before the answer or after it', () => {
    const run = started(1, 2)

    run.advance({ type: 'settled', now: 60, peer: 1, outcome: ANSWERED })
    run.advance({ type: 'responded', now: 60, peer: 1, closer: [] })
    run.advance({ type: 'responded', now: 70, peer: 2, closer: [] })
    run.advance({ type: 'settled', now: 80, peer: 2, outcome: { type: 'invalidRecord' } })

    expect(table.scores.get(1)?.lastOutcome).toBe('responded')
    expect(table.scores.get(2)?.lastOutcome).toBe('invalidRecord')
  })

  test('remembers who named a peer first', () => {
    const run = started(64, 65)

    run.advance({ type: 'settled', now: 60, peer: 64, outcome: ANSWERED })
    run.advance({ type: 'responded', now: 60, peer: 64, closer: [factsOf(1, 64)] })
    run.advance({ type: 'settled', now: 60, peer: 65, outcome: ANSWERED })
    run.advance({ type: 'responded', now: 60, peer: 65, closer: [factsOf(1, 65)] })
    run.advance({ type: 'asked', now: 60, peer: 1, connected: false })
    run.advance({ type: 'settled', now: 90, peer: 1, outcome: { type: 'dialFailed', class: 'refused' } })

    expect(table.scores.get(64)?.referral).toBeLessThan(0.5)
    expect(table.scores.get(65)?.referral).toBe(0.5)
  })

  test('tells of its end once, with whether anybody answered', () => {
    const run = started(1)

    run.advance({ type: 'settled', now: 60, peer: 1, outcome: ANSWERED })
    const commands = run.advance({ type: 'responded', now: 60, peer: 1, closer: [] })

    expect(commands.at(-1)).toEqual({ type: 'finish', reason: 'exhausted', closest: [1] })
    run.advance({ type: 'cancelled', now: 70 })
    expect(ends).toEqual([true])

    started(2).advance({ type: 'cancelled', now: 70 })
    expect(ends).toEqual([true, false])
  })

  test('gives up what it no longer needs, but for late requests, which run on', () => {
    const run = started(1, 2)

    run.advance({ type: 'timerFired', now: 5000, peer: 1 })
    const commands = run.advance({ type: 'satisfied', now: 5001 })

    expect(commands).toEqual([{ type: 'clearTimer', peer: 2 }, { type: 'abort', peer: 2 }, { type: 'finish', reason: 'satisfied', closest: [] }])

    run.advance({ type: 'settled', now: 5500, peer: 1, outcome: ANSWERED })
    expect(table.scores.get(1)?.lastOutcome).toBe('responded')
    expect(table.scores.get(2)).toBe(undefined)
  })

  test('lets three late requests to one peer run on, over all lookups', () => {
    const commands = Array.from({ length: 4 }, () => {
      const run = started(1)

      return [...run.advance({ type: 'timerFired', now: 5000, peer: 1 }), ...run.advance({ type: 'cancelled', now: 5001 })]
    })

    expect(commands.map(list => list.some(({ type }) => type === 'abort'))).toEqual([false, false, false, true])
  })

  test('begins the timer anew when our own limits no longer hold a dial', () => {
    const run = started(1)

    expect(run.advance({ type: 'held', now: 10, peer: 1 })).toEqual([{ type: 'clearTimer', peer: 1 }])
    expect(run.advance({ type: 'released', now: 1000, peer: 1, connected: false })).toEqual([{ type: 'setTimer', peer: 1, atMs: 1000 + table.scores.connectDeadlineMs(1, false) }])
  })

  test('takes facts about peers that nobody asked for nothing', () => {
    const run = started(1)

    expect(run.advance({ type: 'asked', now: 1, peer: 99, connected: true })).toEqual([])
    expect(run.advance({ type: 'settled', now: 1, peer: 99, outcome: ANSWERED })).toEqual([])
    expect(run.advance({ type: 'timerFired', now: 1, peer: 99 })).toEqual([])
    expect(table.scores.get(99)).toBe(undefined)
  })
})

describe('the lookups of a node', () => {
  test('are ready once k good peers are known', () => {
    expect(lookups.isReady(0)).toBe(false)

    for (const peer of [1, 2, 3]) {
      table.record(entryOf(peer), ANSWERED, 0)
    }

    expect(lookups.isReady(0)).toBe(true)
  })

  test('begin with twice as many known peers as they look for', () => {
    for (let peer = 1; peer <= 10; peer++) {
      table.record(entryOf(peer), ANSWERED, 0)
    }

    expect(lookups.candidates(TARGET, 0).map(({ peer }) => peer)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('do not ask again, in one search, whom they waited for in vain', () => {
    const before = started(1, 2)
    before.advance({ type: 'timerFired', now: 5000, peer: 1 })

    const again = lookups.lookup({ target: TARGET, start: [factsOf(1), factsOf(2)], endsEarly: false, maxConnections: Infinity, before, onEnd: () => {} }, 0)
    expect(askedBy(again?.advance({ type: 'started', now: 0 }) ?? [])).toEqual([2])
    expect(lookups.lookup({ target: TARGET, start: [factsOf(1)], endsEarly: false, maxConnections: Infinity, before, onEnd: () => {} }, 0)).toBe(undefined)
  })

  test('tell every step, with what a lookup began from', () => {
    const steps: unknown[] = []
    const run = lookups.lookup({ target: TARGET, start: [factsOf(1)], endsEarly: true, maxConnections: 10, onEnd: () => {}, onStep: (event, actions, init) => { steps.push([event.type, actions.length, init?.endsEarly]) } }, 0)

    run?.advance({ type: 'started', now: 0 })
    run?.advance({ type: 'cancelled', now: 1 })
    expect(steps).toEqual([['started', 1, true], ['cancelled', 2, undefined]])
  })
})

describe('the peers that an answer names', () => {
  test('are remembered with who named them, and the next lookup begins with them', () => {
    const run = started(9)
    run.advance({ type: 'responded', now: 10, peer: 9, closer: [factsOf(40, 9), factsOf(50, 9)] })
    run.advance({ type: 'cancelled', now: 10 })

    expect(lookups.candidates(Uint8Array.of(40), 10).map(({ peer }) => peer)).toEqual([40, 50])
    expect(table.namedPeer(40)?.referrer).toBe(9)
  })

  test('count for who named them when another lookup asks them', () => {
    table.namedBy(entryOf(1), 77, 0)
    const run = started(1)
    run.advance({ type: 'settled', now: 10, peer: 1, outcome: ANSWERED })

    expect(table.scores.get(77)?.referral).toBeGreaterThan(0.5)
  })
})

describe('what becomes of late requests', () => {
  /** How long the next lookup would wait for late peers, ms */
  function graces (): Graces {
    let graces: Graces | undefined
    const next = lookups.lookup({ target: TARGET, start: [factsOf(9)], endsEarly: false, maxConnections: Infinity, onEnd: () => {}, onStep: (_, __, init) => { graces ??= init?.graces } }, 0)
    next?.advance({ type: 'started', now: 0 })
    next?.advance({ type: 'cancelled', now: 0 })

    return graces as Graces
  }

  test('is learned: no answer makes the next lookup wait less', () => {
    const before = graces()
    const run = started(1)
    run.advance({ type: 'timerFired', now: 5_000, peer: 1 })
    run.advance({ type: 'failed', now: 9_000, peer: 1 })

    expect(graces().silent).toBeLessThan(before.silent)
    expect(graces()).toMatchObject({ signed: before.signed, connected: before.connected })
  })

  test.each([
    ['silent', () => {}],
    ['signed', (run: LookupRun<number>) => { run.advance({ type: 'signOfLife', now: 5_100, peer: 1 }) }]
  ] as const)('is learned: an answer makes it wait longer for those that came as far (%s)', (stage, happen) => {
    const before = graces()
    const run = started(1)
    run.advance({ type: 'timerFired', now: 5_000, peer: 1 })
    happen(run)
    run.advance({ type: 'responded', now: 7_500, peer: 1, closer: [] })

    expect(graces()[stage]).toBeGreaterThan(before[stage])
    expect(Object.entries(graces()).filter(([other, graceMs]) => other !== stage && graceMs !== before[other as keyof Graces])).toEqual([])
  })

  test('is learned: a connection makes it wait longer for those that had come as far before', () => {
    const before = graces()
    const run = started(1)
    run.advance({ type: 'timerFired', now: 5_000, peer: 1 })
    run.advance({ type: 'signOfLife', now: 5_100, peer: 1 })
    run.advance({ type: 'connected', now: 5_400, peer: 1 })

    expect(graces().signed).toBeGreaterThan(before.signed)
    expect(graces()).toMatchObject({ silent: before.silent, connected: before.connected })

    run.advance({ type: 'responded', now: 7_500, peer: 1, closer: [] })

    expect(graces().connected).toBeGreaterThan(before.connected)
  })

  test('is learned when the lookup is over, too', () => {
    const before = graces()
    const run = started(1)
    run.advance({ type: 'timerFired', now: 5_000, peer: 1 })
    run.advance({ type: 'cancelled', now: 5_000 })
    run.advance({ type: 'responded', now: 7_500, peer: 1, closer: [] })

    expect(graces().silent).toBeGreaterThan(before.silent)
  })

  test('says nothing where a request was not late', () => {
    const before = graces()
    const run = started(1, 2)
    run.advance({ type: 'responded', now: 10, peer: 1, closer: [] })
    run.advance({ type: 'failed', now: 20, peer: 2 })

    expect(graces()).toEqual(before)
  })
})
