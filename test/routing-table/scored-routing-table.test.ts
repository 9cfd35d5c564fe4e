import { describe, expect, test } from 'vitest'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { entryOf, MemoryBuckets } from './memory-buckets.ts'
import type { ScoredRoutingTableInit } from '../../src/routing-table/scored-routing-table.ts'
import type { KBucketEntry } from '../../src/routing-table/k-buckets.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const NOW = 1_000_000
const SELF = 255
// a peer is its own kad id, and the target is 0: a peer's number is its distance
const TARGET = Uint8Array.of(0)
const ANSWERED: Outcome = { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }
const REFUSED: Outcome = { type: 'dialFailed', class: 'refused' }
const SILENT: Outcome = { type: 'dialFailed', class: 'timeout' }

function tableOf (peers: number[], init: Partial<ScoredRoutingTableInit<number>> = {}): ScoredRoutingTable<number> {
  return new ScoredRoutingTable({ buckets: new MemoryBuckets(peers), localPeer: SELF, ...init })
}

/** Fail often enough, and not together, to be poor */
function fail (table: ScoredRoutingTable<number>, peer: number): void {
  for (let i = 0; i < 3; i++) {
    // somebody answers meanwhile, so that it is no outage of ours
    table.record(entryOf(254), ANSWERED, NOW)
    table.record(entryOf(peer), SILENT, NOW, { startedAt: NOW })
    table.record(entryOf(254), ANSWERED, NOW)
  }
}

function numbers (entries: Array<KBucketEntry<number>>): number[] {
  return entries.map(({ peer }) => peer)
}

describe('an outcome', () => {
  test('moves the score, and a good peer takes part in lookups though it is in no bucket', () => {
    const table = tableOf([64, 128])
    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([64, 128])

    table.record(entryOf(1), ANSWERED, NOW)

    expect(table.scores.classOf(1, NOW)).toBe('good')
    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([1, 64])
  })

  test('makes a poor peer pass its place to the next closest', () => {
    const table = tableOf([1, 64])
    table.heardOf(entryOf(2), 'answered', NOW)
    fail(table, 1)

    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([2, 64])
    expect(table.replacements(NOW)).toEqual([{ poor: 1, replacement: 2 }])
    expect(table.why(1, NOW)).toMatchObject({ peerClass: 'unacceptable', whereabouts: { place: 'bucket', replacedBy: 2 } })
  })

  test('tells when a peer was tried last, and whether that failed at once', () => {
    const table = tableOf([])
    expect(table.contact(1)).toBe(undefined)

    table.record(entryOf(1), REFUSED, NOW)
    expect(table.contact(1)).toMatchObject({ triedAt: NOW, failsFast: true })

    table.record(entryOf(1), ANSWERED, NOW + 5)
    expect(table.contact(1)).toMatchObject({ triedAt: NOW + 5, failsFast: false })
  })

  test('is told once it counts, and each change of a peer too', () => {
    const changed: number[] = []
    const outcomes: Array<[number, string]> = []
    const table = tableOf([], { onChange: peer => { changed.push(peer) }, onOutcome: (peer, { type }) => { outcomes.push([peer, type]) } })

    table.record(entryOf(1), ANSWERED, NOW)
    table.forget(1)

    expect(outcomes).toEqual([[1, 'responded']])
    expect(changed).toEqual([1, 1])
  })

  test('gives no place to a peer that is known not to speak the protocol, until it does', () => {
    const excluded = new Set([1])
    const table = tableOf([64], { excludes: peer => excluded.has(peer) })

    table.record(entryOf(1), ANSWERED, NOW)
    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([64])
    expect(table.best(5, NOW)).toEqual([])

    excluded.clear()
    table.admit(1)
    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([1, 64])

    table.leave(1)
    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([64])
  })
})

describe('a reply', () => {
  test('names the closest acceptable peers, and nobody who is left out', () => {
    const table = tableOf([1, 2, 3], { k: 2 })
    fail(table, 1)
    table.record(entryOf(2), ANSWERED, NOW)
    table.record(entryOf(3), ANSWERED, NOW)

    expect(numbers(table.named(TARGET, {}, NOW))).toEqual([2, 3])
    expect(numbers(table.named(TARGET, { exclude: new Set([2, 254]) }, NOW))).toEqual([1, 3])
    expect(numbers(table.named(TARGET, { count: 1 }, NOW))).toEqual([2])
  })
})

describe('the chance that a peer answers', () => {
  const HOUR = 3_600_000

  test('falls with the time since its last answer, and to nearly none when it fails', () => {
    const table = tableOf([])
    table.record(entryOf(1), ANSWERED, NOW)
    const chances = [0, HOUR, 5 * HOUR].map(laterMs => table.chanceOf(1, NOW + laterMs))
    fail(table, 1)

    expect(chances).toEqual(chances.toSorted((a, b) => b - a))
    expect([chances[0], table.chanceOf(1, NOW)]).toEqual([0.99, 0.01])
  })

  test('is learned from what becomes of others that were not asked for as long', () => {
    const table = tableOf([])

    for (let peer = 1; peer <= 40; peer++) {
      table.record(entryOf(peer), ANSWERED, NOW)
      table.record(entryOf(peer), { type: 'invalidRecord' }, NOW + 1)
    }

    const before = table.chanceOf(1, NOW + 5 * HOUR)

    for (let peer = 2; peer <= 40; peer++) {
      table.record(entryOf(peer), ANSWERED, NOW + 5 * HOUR)
    }

    expect(table.chanceOf(1, NOW + 5 * HOUR)).toBeGreaterThan(before)
  })

  test('of a peer that was only named falls with the time since that, and a failed one that is named again tells by itself', () => {
    const table = tableOf([])
    table.namedBy(entryOf(9), 254, NOW)
    const early = table.chanceOf(9, NOW + 1)
    const late = table.chanceOf(9, NOW + 20 * HOUR)
    table.namedBy(entryOf(9), 254, NOW + 20 * HOUR)

    expect(late).toBeLessThan(early)
    expect(table.chanceOf(9, NOW + 20 * HOUR)).toBeCloseTo(early, 2)
  })

  test('is back where it was when a failure turns out to be a late answer', () => {
    const table = tableOf([])
    table.record(entryOf(1), ANSWERED, NOW)
    table.record(entryOf(2), ANSWERED, NOW)
    const before = table.chanceOf(2, NOW + HOUR)
    table.record(entryOf(1), SILENT, NOW + HOUR, { startedAt: NOW + HOUR })
    expect(table.chanceOf(2, NOW + HOUR)).toBeLessThan(before)
    table.recordLate(entryOf(1), ANSWERED, NOW + HOUR)

    expect(table.chanceOf(2, NOW + HOUR)).toBeGreaterThanOrEqual(before)
    expect(table.chanceOf(1, NOW + HOUR)).toBe(0.99)
  })
})

describe('whom to verify', () => {
  test('is first who in the buckets is the least certain', () => {
    const HOUR = 3_600_000
    const table = tableOf([1, 2, 3])
    table.record(entryOf(7), ANSWERED, NOW)
    table.record(entryOf(2), ANSWERED, NOW)
    table.record(entryOf(1), ANSWERED, NOW + 20 * HOUR)
    table.record(entryOf(3), SILENT, NOW + 20 * HOUR)

    // the one is there for certain, the other one is not
    expect(table.leastCertain(9, NOW + 20 * HOUR)).toEqual([2])
    expect(table.leastCertain(9, NOW + 22 * HOUR)).toEqual([2, 1, 3])
    expect(table.leastCertain(1, NOW + 22 * HOUR)).toEqual([2])
  })

  test('is next whose record has not changed for the longest', () => {
    const table = tableOf([])
    table.record(entryOf(5), ANSWERED, NOW)
    table.record(entryOf(6), ANSWERED, NOW + 1)
    table.record(entryOf(7), ANSWERED, NOW + 2)
    table.record(entryOf(5), ANSWERED, NOW + 3)

    expect(table.longestUnasked(2, NOW + 9)).toEqual([6, 7])
    expect(table.longestUnasked(9, NOW + 2)).toEqual([6, 7])
    expect(table.longestUnasked(9, NOW)).toEqual([])
  })
})

describe('the best peers', () => {
  test('are the good ones, best first', () => {
    const table = tableOf([])
    table.record(entryOf(1), ANSWERED, NOW)
    table.record(entryOf(2), ANSWERED, NOW)
    table.record(entryOf(2), ANSWERED, NOW)
    fail(table, 3)

    expect(table.best(5, NOW).map(({ peer }) => peer)).toEqual([254, 2, 1])
    expect(table.best(1, NOW)).toHaveLength(1)
  })
})

describe('a peer', () => {
  test('is restored with its place', () => {
    const before = tableOf([])
    before.record(entryOf(1), ANSWERED, NOW)
    const table = tableOf([64])

    for (const [peer, score] of before.scores.entries()) {
      table.restore(entryOf(peer), score)
    }

    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([1, 64])
    expect(table.contact(1)?.triedAt).toBe(undefined)
  })

  test('is forgotten, but for its place in the buckets', () => {
    const table = tableOf([1])
    fail(table, 1)
    table.record(entryOf(2), ANSWERED, NOW)
    table.forget(1)
    table.forget(2)

    expect(table.why(1, NOW)).toMatchObject({ score: 0.5, record: undefined, whereabouts: { place: 'bucket' } })
    expect(table.why(2, NOW)).toMatchObject({ whereabouts: { place: 'none' } })
    expect(table.contact(1)?.triedAt).toBe(undefined)
  })

  test('that the buckets lost without a word is looked for there', () => {
    const buckets = new MemoryBuckets([1, 2])
    const table = new ScoredRoutingTable<number>({ buckets, localPeer: SELF })
    buckets.replaceAll([3])
    table.readBuckets()

    expect(numbers(table.candidates(TARGET, 5, NOW))).toEqual([3])
  })
})

describe('a peer that was only named', () => {
  test('is one that lookups begin with too, and takes nobody\'s place', () => {
    const table = tableOf([64, 128])
    table.namedBy(entryOf(1), 64, NOW)

    expect(numbers(table.namedCandidates(TARGET, 2, NOW))).toEqual([1])
    expect(numbers(table.candidates(TARGET, 2, NOW))).toEqual([64, 128])
    expect(numbers(table.named(TARGET, { count: 2 }, NOW))).toEqual([64, 128])
    expect(table.why(1, NOW).whereabouts).toEqual({ place: 'named', referrer: 64 })
  })

  test.each<[string, (table: ScoredRoutingTable<number>) => void]>([
    ['has answered', table => { table.record(entryOf(1), ANSWERED, NOW) }],
    ['has failed', table => { table.record(entryOf(1), REFUSED, NOW) }],
    ['is forgotten', table => { table.forget(1) }],
    ['no longer speaks the protocol', table => { table.leave(1) }]
  ])('is no such peer any more when it %s', (_, happen) => {
    const table = tableOf([64])
    table.namedBy(entryOf(1), 64, NOW)
    happen(table)

    expect(table.namedPeer(1)).toBeUndefined()
    expect(table.namedCandidates(TARGET, 9, NOW)).toEqual([])
  })

  test('is none that is known better, is known to be poor, does not speak the protocol, or is this node', () => {
    const table = tableOf([64, 7], { excludes: peer => peer === 9 })
    fail(table, 5)
    table.record(entryOf(3), ANSWERED, NOW)

    for (const peer of [7, 5, 3, 9, SELF]) {
      table.namedBy(entryOf(peer), 64, NOW)
    }

    expect([...table.namedPeers()]).toEqual([])
  })

  test('starts with the trust in who named it', () => {
    const table = tableOf([64, 128])

    for (let i = 0; i < 10; i++) {
      table.scores.recordReferral(64, false, NOW)
    }

    table.namedBy(entryOf(1), 64, NOW)
    table.namedBy(entryOf(2), 128, NOW)
    const scoreOf = (peer: number): number => table.scores.score(peer, NOW, table.namedPeer(peer)?.referrer)

    expect(scoreOf(1)).toBeLessThan(scoreOf(2))
  })

  test('is one of a limited number', () => {
    const table = tableOf([64], { maxNamedPeers: 2 })
    for (const peer of [1, 2, 3]) {
      table.namedBy(entryOf(peer), 64, NOW)
    }

    expect([...table.namedPeers()]).toEqual([2, 3])
  })
})

test('refuses absurd parameters', () => {
  expect(() => tableOf([], { parameters: { weightCap: 0 } })).toThrow('weightCap is 0')
  expect(() => tableOf([], { minGoodPeers: -1 })).toThrow('minGoodPeers is -1')
})
