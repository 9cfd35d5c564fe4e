import { expect, it } from 'vitest'
import { lookupPeerFacts } from '../../src/lookup/lookup-peer-facts.ts'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import type { PeerStatus } from '../../src/lookup/lookup-peer-facts.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const MINUTE = 60_000
const NOW = 1_000_000_000
const SILENT: Outcome = { type: 'dialFailed', class: 'timeout' }

function factsAfter (outcomes: Outcome[], status: Partial<PeerStatus<string>> = {}, timeouts = { minMs: 5000, maxMs: 60_000 }, times: number[] = []): ReturnType<typeof lookupPeerFacts<string>> {
  const parameters = validateScoreParameters()
  const scores = new PeerScores<string>({ parameters })

  outcomes.forEach((outcome, i) => { scores.record('peer', outcome, times[i] ?? NOW) })

  return lookupPeerFacts(
    { peer: 'peer', kadId: Uint8Array.of(1), connected: false, relayed: false, failsFast: false, triedAt: NOW, referrer: undefined, ...status },
    { scores, unacceptableThreshold: parameters.unacceptableThreshold, timeouts },
    NOW
  )
}

it('takes a stranger for neutral, not suspect and stale', () => {
  expect(factsAfter([], { triedAt: undefined })).toMatchObject({ peerClass: 'neutral', score: 0.5, suspect: false, stale: true })
})

it('suspects a peer that did not answer the last time', () => {
  expect(factsAfter([SILENT])).toMatchObject({ suspect: true, peerClass: 'unacceptable' })
  expect(factsAfter([SILENT, { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }])).toMatchObject({ suspect: false })
})

it('leaves a poor peer alone the longer the poorer it is', () => {
  expect(factsAfter([SILENT, SILENT], { triedAt: NOW - MINUTE }).stale).toBe(false)
  expect(factsAfter([SILENT, SILENT], { triedAt: NOW - 4 * MINUTE }).stale).toBe(true)
  expect(factsAfter([SILENT, SILENT, SILENT, SILENT], { triedAt: NOW - 2 * MINUTE }).stale).toBe(false)
  expect(factsAfter([SILENT, SILENT, SILENT, SILENT], { triedAt: NOW - 16 * MINUTE }).stale).toBe(true)
})

it('gives a peer that failed just once another chance at once', () => {
  expect(factsAfter([SILENT])).toMatchObject({ peerClass: 'unacceptable', stale: true })
})

it('knows for how long a connected peer has let all requests time out', () => {
  const late: Outcome = { type: 'timedOut', afterMs: 100 }
  const answer: Outcome = { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }
  const silentMsAfter = (outcomes: Array<[Outcome, number]>, status: Partial<PeerStatus<string>> = {}): number =>
    factsAfter(outcomes.map(([outcome]) => outcome), status, undefined, outcomes.map(([, agoMs]) => NOW - agoMs)).silentMs

  expect(silentMsAfter([])).toBe(0)
  expect(silentMsAfter([[late, 5000]])).toBe(5000)
  expect(silentMsAfter([[late, 5000], [late, 300]])).toBe(5000)
  expect(silentMsAfter([[late, 5000], [answer, 1000]])).toBe(0)
  expect(silentMsAfter([[late, 5000], [answer, 1000], [late, 300]])).toBe(300)
  // nobody heard from it after it had lost its connection
  expect(silentMsAfter([[late, 5000], [SILENT, 2000]])).toBe(0)
  expect(silentMsAfter([[late, 5000], [SILENT, 2000], [late, 300]])).toBe(300)
})

it('takes a silence for over when nobody asked for more than a minute', () => {
  const late: Outcome = { type: 'timedOut', afterMs: 100 }

  expect(factsAfter([late], { triedAt: NOW - MINUTE }, undefined, [NOW - 2 * MINUTE]).silentMs).toBe(2 * MINUTE)
  expect(factsAfter([late], { triedAt: NOW - MINUTE - 1 }, undefined, [NOW - 2 * MINUTE]).silentMs).toBe(0)
})

it('has two soft deadlines until the hard one, within the bounds of the time-outs', () => {
  expect(factsAfter([]).hardDeadlineMs).toBe(2 * factsAfter([]).softDeadlineMs)
  expect(factsAfter([], {}, { minMs: 20_000, maxMs: 60_000 }).hardDeadlineMs).toBe(20_000)
  expect(factsAfter([], {}, { minMs: 10, maxMs: 400 }).hardDeadlineMs).toBe(400)
})
