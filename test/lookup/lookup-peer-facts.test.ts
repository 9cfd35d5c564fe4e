import { expect, it } from 'vitest'
import { lookupPeerFacts } from '../../src/lookup/lookup-peer-facts.ts'
import { PeerScores } from '../../src/score/peer-scores.ts'
import { validateScoreParameters } from '../../src/score/score-parameters.ts'
import type { PeerStatus } from '../../src/lookup/lookup-peer-facts.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const MINUTE = 60_000
const NOW = 1_000_000_000
const SILENT: Outcome = { type: 'dialFailed', class: 'timeout' }

function factsAfter (outcomes: Outcome[], status: Partial<PeerStatus<string>> = {}, timeouts = { minMs: 5000, maxMs: 60_000 }): ReturnType<typeof lookupPeerFacts<string>> {
  const parameters = validateScoreParameters()
  const scores = new PeerScores<string>({ parameters })

  outcomes.forEach(outcome => { scores.record('peer', outcome, NOW) })

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

it('has two soft deadlines until the hard one, within the bounds of the time-outs', () => {
  expect(factsAfter([]).hardDeadlineMs).toBe(2 * factsAfter([]).softDeadlineMs)
  expect(factsAfter([], {}, { minMs: 20_000, maxMs: 60_000 }).hardDeadlineMs).toBe(20_000)
  expect(factsAfter([], {}, { minMs: 10, maxMs: 400 }).hardDeadlineMs).toBe(400)
})
