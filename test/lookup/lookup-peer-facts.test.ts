import { expect, test } from 'vitest'
import { lookupPeerFacts } from '../../src/lookup/lookup-peer-facts.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { entryOf, MemoryBuckets } from '../routing-table/memory-buckets.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const MINUTE = 60_000
const NOW = 1_000_000_000
const SILENT: Outcome = { type: 'dialFailed', class: 'timeout' }

/** The facts about a peer after outcomes at some times, the last one now unless said otherwise */
function factsAfter (outcomes: Outcome[], times: number[] = [], timeouts = { minMs: 5000, maxMs: 60_000 }): ReturnType<typeof lookupPeerFacts<number>> {
  const table = new ScoredRoutingTable<number>({ buckets: new MemoryBuckets(), localPeer: 255 })

  outcomes.forEach((outcome, i) => { table.record(entryOf(1), outcome, times[i] ?? times.at(-1) ?? NOW) })

  return lookupPeerFacts({ ...entryOf(1), connected: false, relayed: false, referrer: undefined }, { table, timeouts }, NOW)
}

test('takes a stranger for neutral, not suspect and stale', () => {
  expect(factsAfter([])).toMatchObject({ peerClass: 'neutral', score: 0.5, suspect: false, failsFast: false, stale: true })
})

test('knows of a refused dial that another costs no waiting', () => {
  expect(factsAfter([{ type: 'dialFailed', class: 'refused' }]).failsFast).toBe(true)
  expect(factsAfter([SILENT]).failsFast).toBe(false)
})

test('suspects a peer that did not answer the last time', () => {
  expect(factsAfter([SILENT])).toMatchObject({ suspect: true, peerClass: 'unacceptable' })
  expect(factsAfter([SILENT, { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }])).toMatchObject({ suspect: false })
})

test('leaves a poor peer alone the longer the poorer it is', () => {
  expect(factsAfter([SILENT, SILENT], [NOW - MINUTE]).stale).toBe(false)
  expect(factsAfter([SILENT, SILENT], [NOW - 4 * MINUTE]).stale).toBe(true)
  expect(factsAfter([SILENT, SILENT, SILENT, SILENT], [NOW - 2 * MINUTE]).stale).toBe(false)
  expect(factsAfter([SILENT, SILENT, SILENT, SILENT], [NOW - 16 * MINUTE]).stale).toBe(true)
})

test('gives a peer that failed just once another chance at once', () => {
  expect(factsAfter([SILENT])).toMatchObject({ peerClass: 'unacceptable', stale: true })
})

test('knows for how long a connected peer has let all requests time out', () => {
  const late: Outcome = { type: 'timedOut', afterMs: 100 }
  const answer: Outcome = { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }
  const silentMsAfter = (outcomes: Array<[Outcome, number]>): number =>
    factsAfter(outcomes.map(([outcome]) => outcome), outcomes.map(([, agoMs]) => NOW - agoMs)).silentMs

  expect(silentMsAfter([])).toBe(0)
  expect(silentMsAfter([[late, 5000]])).toBe(5000)
  expect(silentMsAfter([[late, 5000], [late, 300]])).toBe(5000)
  expect(silentMsAfter([[late, 5000], [answer, 1000]])).toBe(0)
  expect(silentMsAfter([[late, 5000], [answer, 1000], [late, 300]])).toBe(300)
  // nobody heard from it after it had lost its connection
  expect(silentMsAfter([[late, 5000], [SILENT, 2000]])).toBe(0)
  expect(silentMsAfter([[late, 5000], [SILENT, 2000], [late, 300]])).toBe(300)
})

test('takes a silence for over when nobody asked for more than a minute', () => {
  const late: Outcome = { type: 'timedOut', afterMs: 100 }

  expect(factsAfter([late, late], [NOW - 2 * MINUTE, NOW - MINUTE]).silentMs).toBe(2 * MINUTE)
  expect(factsAfter([late, late], [NOW - 2 * MINUTE, NOW - MINUTE - 1]).silentMs).toBe(0)
})

test('has two soft deadlines until the hard one, within the bounds of the time-outs', () => {
  expect(factsAfter([]).hardDeadlineMs).toBe(2 * factsAfter([]).softDeadlineMs)
  expect(factsAfter([], [], { minMs: 20_000, maxMs: 60_000 }).hardDeadlineMs).toBe(20_000)
  expect(factsAfter([], [], { minMs: 10, maxMs: 400 }).hardDeadlineMs).toBe(400)
})
