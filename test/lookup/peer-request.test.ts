import { expect, test } from 'vitest'
import { PeerRequest } from '../../src/lookup/peer-request.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { entryOf, MemoryBuckets } from '../routing-table/memory-buckets.ts'
import type { PeerRequestInit } from '../../src/lookup/peer-request.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const PEER = 1
const REFERRER = 2
const ANSWERED: Outcome = { type: 'responded', latencyMs: 100, setupMs: 0, dialled: false }
const REFUSED: Outcome = { type: 'dialFailed', class: 'refused' }
const NOW = 1_000_000

function given (init: Partial<PeerRequestInit<number>> = {}): { table: ScoredRoutingTable<number>, request: PeerRequest<number> } {
  const table = new ScoredRoutingTable<number>({ buckets: new MemoryBuckets(), localPeer: 255 })

  return { table, request: requestTo(table, { softDeadline: { deadlineMs: 300, connectDeadlineMs: undefined }, ...init }) }
}

function requestTo (table: ScoredRoutingTable<number>, init: Partial<PeerRequestInit<number>> = {}): PeerRequest<number> {
  return new PeerRequest({ entry: entryOf(PEER), table, startedAt: NOW, ...init })
}

test('gives one outcome for an answer, to the peer and to who named it', () => {
  const { table: { scores }, request } = given({ referrer: REFERRER })

  expect(request.advance({ type: 'settled', now: NOW, outcome: ANSWERED })).toBe(undefined)
  expect(scores.get(PEER)).toMatchObject({ lastOutcome: 'responded', weight: 2 })
  expect(scores.get(REFERRER)?.referral).toBeGreaterThan(0.5)
})

test.each([
  ['timedOut', undefined],
  ['dialFailed', 300]
] as const)('counts %s when the soft deadline passes', (type, connectDeadlineMs) => {
  const { table: { scores }, request } = given({ referrer: REFERRER, softDeadline: { deadlineMs: 300, connectDeadlineMs } })

  expect(request.deadlineAtMs).toBe(NOW + 300)
  expect(request.advance({ type: 'timerFired', now: NOW + 300 })).toEqual({ type: 'late' })
  expect(request.isLate).toBe(true)
  expect(scores.get(PEER)?.lastOutcome).toBe(type)
  expect(scores.get(REFERRER)?.referral).toBeLessThan(0.5)
})

test('takes the time for the rest from how long the first sign of life took', () => {
  const { table: { scores }, request } = given({ softDeadline: { deadlineMs: 100_000, connectDeadlineMs: 90_000 } })
  const atMs = NOW + 50 + scores.dialledDeadlineMs(PEER, 50) - 50

  expect(request.advance({ type: 'signOfLife', now: NOW + 50 })).toEqual({ type: 'setTimer', atMs })

  request.advance({ type: 'timerFired', now: atMs })
  expect(scores.get(PEER)?.lastOutcome).toBe('timedOut')
})

test('replaces that failure by a late answer', () => {
  const { table, request } = given({ referrer: REFERRER })
  const punctual = given({ referrer: REFERRER })

  request.advance({ type: 'timerFired', now: NOW })
  request.advance({ type: 'settled', now: NOW, outcome: ANSWERED })
  punctual.request.advance({ type: 'settled', now: NOW, outcome: ANSWERED })

  expect(table.scores.get(PEER)).toEqual(punctual.table.scores.get(PEER))
  expect(table.scores.get(REFERRER)?.referral).toBeCloseTo(punctual.table.scores.get(REFERRER)?.referral ?? 0, 10)
})

test('counts no second failure after the soft deadline', () => {
  const { table: { scores }, request } = given()

  request.advance({ type: 'timerFired', now: NOW + 300 })
  const before = scores.get(PEER)

  request.advance({ type: 'timedOut', now: NOW + 600, afterMs: 600 })
  request.advance({ type: 'settled', now: NOW + 900, outcome: { type: 'timedOut', afterMs: 900 } })
  expect(scores.get(PEER)).toBe(before)
})

test('counts a failure when the hard deadline passes first', () => {
  const { table: { scores }, request } = given({ softDeadline: { deadlineMs: 900, connectDeadlineMs: 900 } })

  request.advance({ type: 'timedOut', now: NOW + 600, afterMs: 600 })
  expect(scores.get(PEER)).toMatchObject({ lastOutcome: 'dialFailed', weight: 2 })
})

test('counts nothing more once it is over, but frees its slot in time while its answer is not told', () => {
  const { table: { scores }, request } = given()

  request.advance({ type: 'settled', now: NOW, outcome: ANSWERED })
  expect(request.isOver).toBe(true)
  expect(request.advance({ type: 'signOfLife', now: NOW + 100 })).toBe(undefined)
  expect(request.advance({ type: 'timerFired', now: NOW + 300 })).toEqual({ type: 'late' })
  expect(request.advance({ type: 'timerFired', now: NOW + 400 })).toBe(undefined)
  expect(scores.get(PEER)).toMatchObject({ lastOutcome: 'responded', weight: 2 })
})

test('has the time of a connection that stands when our own limits no longer hold it', () => {
  const { request } = given({ softDeadline: { deadlineMs: 300, connectDeadlineMs: 200 } })

  request.advance({ type: 'held', now: NOW })
  expect(request.advance({ type: 'released', now: NOW + 50, connected: true })).toEqual({ type: 'setTimer', atMs: NOW + 350 })
})

test('blames nobody while our own limits hold it, and begins anew when they do not', () => {
  const { table: { scores }, request } = given({ softDeadline: { deadlineMs: 300, connectDeadlineMs: 200 } })

  expect(request.advance({ type: 'held', now: NOW + 100 })).toEqual({ type: 'clearTimer' })
  expect(request.advance({ type: 'timerFired', now: NOW + 200 })).toBe(undefined)
  request.advance({ type: 'timedOut', now: NOW + 5000, afterMs: 5000 })
  expect(scores.get(PEER)).toBe(undefined)
  expect(request.advance({ type: 'released', now: NOW + 6000, connected: false })).toEqual({ type: 'setTimer', atMs: NOW + 6200 })
})

test('leaves no trace when it is given up after its soft deadline', () => {
  const { table, request } = given()

  table.record(entryOf(PEER), ANSWERED, NOW)
  const before = table.scores.get(PEER)
  request.advance({ type: 'timerFired', now: NOW })
  expect(table.scores.get(PEER)).not.toBe(before)
  request.advance({ type: 'abandoned', now: NOW })
  request.advance({ type: 'settled', now: NOW, outcome: ANSWERED })

  expect(table.scores.get(PEER)).toBe(before)
})

test('counts one failure for requests to one peer that were under way together', () => {
  const { table } = given()
  const requests = [0, 10, 20, 30, 40].map(ms => requestTo(table, { startedAt: NOW + ms }))

  for (const request of requests) {
    request.advance({ type: 'settled', now: NOW + 50, outcome: REFUSED })
  }

  expect(table.scores.get(PEER)).toMatchObject({ weight: 2, lastOutcome: 'dialFailed' })

  requestTo(table, { startedAt: NOW + 60 }).advance({ type: 'settled', now: NOW + 70, outcome: REFUSED })
  expect(table.scores.get(PEER)).toMatchObject({ weight: 3 })
})

test('learns from another request of the same time that something had come back', () => {
  const { table } = given()
  const [unreached, reached] = [50, undefined].map(connectDeadlineMs => requestTo(table, { softDeadline: { deadlineMs: 90, connectDeadlineMs } }))

  unreached.advance({ type: 'timerFired', now: NOW + 50 })
  reached.advance({ type: 'timerFired', now: NOW + 90 })

  expect(table.scores.get(PEER)).toMatchObject({ weight: 2, lastOutcome: 'timedOut' })
})
