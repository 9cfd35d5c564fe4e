import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'

const anyNumber = fc.oneof(fc.constantFrom(NaN, -1, -3_600_000, Infinity, -Infinity, 86_400_000), fc.double())

test('whatever durations come in, no score, latency or wait leaves its range', () => {
  fc.assert(fc.property(fc.array(fc.record({ latencyMs: anyNumber, setupMs: anyNumber, dialled: fc.boolean() }), { maxLength: 20 }), anyNumber, (answers, connectMs) => {
    const scores = new PeerScores<number>({ parameters: validateScoreParameters() })

    for (const [index, answer] of answers.entries()) {
      const type = index % 2 === 0 ? 'responded' as const : 'stored' as const
      scores.record(index % 3, { type, ...answer }, index)
      scores.recordLate(index % 3, { type, ...answer }, index, { startedAt: index + 3_600_000 })
    }

    for (const peer of [0, 1, 2, 3]) {
      const { reliability = 0.5, latencyMs = 0, latencyDeviationMs = 0 } = scores.get(peer) ?? {}

      for (const share of [scores.score(peer, 100), reliability]) {
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }

      for (const ms of [latencyMs, latencyDeviationMs]) {
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(600_000)
      }

      for (const waitMs of [scores.expectedWait(peer, false).softDeadlineMs, scores.dialledDeadlineMs(peer, connectMs), scores.connectDeadlineMs(peer, true), scores.probeHoldMs(peer)]) {
        expect(waitMs).toBeGreaterThanOrEqual(100)
        expect(waitMs).toBeLessThanOrEqual(5000)
      }
    }
  }))
})
