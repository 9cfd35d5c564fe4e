import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classOfScore } from '../../src/score/score-formula.ts'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import type { Outcome } from '../../src/score/outcome.ts'
import type { ScoreParameters } from '../../src/parameters/score-parameters.ts'

const ms = fc.oneof(fc.constantFrom(0, 1, 100, 5000), fc.double({ min: 0, max: 1e7, noNaN: true }))
const answer = { latencyMs: ms, setupMs: ms, dialled: fc.boolean() }

const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ type: fc.constant('responded' as const), ...answer }),
  fc.record({ type: fc.constant('stored' as const), ...answer }),
  fc.record({ type: fc.constant('timedOut' as const), afterMs: ms }),
  fc.record({ type: fc.constant('dialFailed' as const), class: fc.constantFrom('refused' as const, 'timeout' as const, 'noAddress' as const) }),
  fc.record({ type: fc.constantFrom('protocolError' as const, 'invalidRecord' as const) })
)

const anyParameters: fc.Arbitrary<ScoreParameters> = fc.record({
  weightCap: fc.integer({ min: 1, max: 30 }),
  referralWeightCap: fc.integer({ min: 1, max: 30 }),
  recoveryHalfLifeMs: fc.integer({ min: 1000, max: 1e7 }),
  slowLatencyMs: fc.integer({ min: 1, max: 10_000 }),
  timedOutReward: fc.double({ min: 0, max: 0.5, noNaN: true }),
  maxPeers: fc.integer({ min: 1, max: 6 }),
  outagePeers: fc.integer({ min: 2, max: 5 })
}, { requiredKeys: [] }).map(validateScoreParameters)

const peer = fc.nat(9)

/** One call; times may go backwards, as clocks do */
type Call =
  | { call: 'record' | 'recordLate', peer: number, outcome: Outcome, now: number }
  | { call: 'recordReferral', peer: number, answered: boolean, now: number }
  | { call: 'delete', peer: number }

const now = fc.nat(1e7)
const anyCalls: fc.Arbitrary<Call[]> = fc.array(fc.oneof(
  { weight: 10, arbitrary: fc.record({ call: fc.constantFrom('record' as const, 'recordLate' as const), peer, outcome: anyOutcome, now }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('recordReferral' as const), peer, answered: fc.boolean(), now }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('delete' as const), peer }) }
), { maxLength: 60 })

function make (scores: PeerScores<number>, call: Call): void {
  switch (call.call) {
    case 'record':
    case 'recordLate':
      scores[call.call](call.peer, call.outcome, call.now)
      break
    case 'recordReferral':
      scores.recordReferral(call.peer, call.answered, call.now)
      break
    case 'delete':
      scores.delete(call.peer)
  }
}

describe('after any calls in any order', () => {
  test('every score is from 0 to 1, its class follows from the thresholds, and every expected wait is sound', () => {
    fc.assert(fc.property(anyParameters, anyCalls, now, peer, (parameters, calls, later, referrer) => {
      const scores = new PeerScores<number>({ parameters })

      for (const call of calls) {
        make(scores, call)
      }

      for (let peer = 0; peer < 11; peer++) {
        const score = scores.score(peer, later, referrer)

        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
        expect(scores.classOf(peer, later, referrer)).toBe(classOfScore(score, parameters))
        expect(scores.explain(peer, later)).toMatchObject({ score: scores.score(peer, later), peerClass: scores.classOf(peer, later) })

        for (const connected of [true, false]) {
          const { meanMs, softDeadlineMs } = scores.expectedWait(peer, connected)

          expect(meanMs).toBeGreaterThanOrEqual(1)
          expect(meanMs).toBeLessThan(Infinity)
          expect(softDeadlineMs).toBeGreaterThanOrEqual(parameters.minSoftDeadlineMs)
          expect(softDeadlineMs).toBeLessThanOrEqual(parameters.maxSoftDeadlineMs)
        }
      }
    }))
  })

  test('an unseen peer is never above neutral and never unacceptable, whoever named it', () => {
    fc.assert(fc.property(anyParameters, anyCalls, peer, (parameters, calls, referrer) => {
      const scores = new PeerScores<number>({ parameters })

      for (const call of calls) {
        make(scores, call)
      }

      expect(scores.score(1000, 0, referrer)).toBeLessThanOrEqual(0.5)
      expect(scores.classOf(1000, 0, referrer)).toBe('neutral')
    }))
  })

  test('there are never more peers than allowed, each change is told, and each peer that goes', () => {
    fc.assert(fc.property(anyParameters, anyCalls, (parameters, calls) => {
      const known = new Set<number>()
      const scores = new PeerScores<number>({ parameters, onChange: peer => known.add(peer), onEvict: peer => known.delete(peer) })

      for (const call of calls) {
        make(scores, call)

        if (call.call === 'delete') {
          known.delete(call.peer)
        }

        expect(scores.size).toBeLessThanOrEqual(parameters.maxPeers)
        expect(new Set(Array.from(scores.entries(), ([peer]) => peer))).toEqual(known)
      }
    }))
  })

  test('a record has the same fields, and one that can be restored', () => {
    fc.assert(fc.property(anyParameters, anyCalls, (parameters, calls) => {
      const scores = new PeerScores<number>({ parameters })
      const restored = new PeerScores<number>({ parameters })

      for (const call of calls) {
        make(scores, call)
      }

      for (const [peer, record] of scores.entries()) {
        expect(Object.keys(record)).toEqual(['reliability', 'weight', 'latencyMs', 'latencyDeviationMs', 'referral', 'referralWeight', 'lastOutcome', 'answeringSince', 'answeredAt', 'updatedAt'])
        restored.restore(peer, record)
      }

      expect([...restored.entries()]).toEqual([...scores.entries()])
    }))
  })

  test('the same calls give the same trace', () => {
    fc.assert(fc.property(anyParameters, anyCalls, (parameters, calls) => {
      const trace = () => {
        const lines: unknown[] = []
        const scores: PeerScores<number> = new PeerScores({ parameters, onChange: peer => lines.push(peer, scores.get(peer)), onEvict: peer => lines.push(peer) })

        for (const call of calls) {
          make(scores, call)
          lines.push(scores.top(10, 0), scores.counts(0), scores.inOutage)
        }

        return lines
      }

      expect(trace()).toEqual(trace())
    }))
  })
})

describe('time alone', () => {
  test('moves a poor score up to neutral and no further, a good one not at all', () => {
    fc.assert(fc.property(anyParameters, fc.array(anyOutcome, { minLength: 1, maxLength: 10 }), fc.array(fc.nat(1e9), { minLength: 2, maxLength: 10 }), (parameters, outcomes, times) => {
      const scores = new PeerScores<number>({ parameters })

      for (const outcome of outcomes) {
        scores.record(1, outcome, 0)
      }

      const before = scores.score(1, 0)
      const drifted = times.sort((a, b) => a - b).map(time => scores.score(1, time))

      if (before >= 0.5) {
        expect(new Set(drifted)).toEqual(new Set([before]))
      } else {
        expect(drifted).toEqual(drifted.toSorted((a, b) => a - b))
        expect(drifted[0]).toBeGreaterThanOrEqual(before)
        expect(drifted.at(-1)).toBeLessThanOrEqual(0.5)
      }
    }))
  })
})

describe('a late answer', () => {
  test('given at once makes the score what it would be without the missed deadline', () => {
    fc.assert(fc.property(fc.array(anyOutcome.filter(({ type }) => type === 'responded' || type === 'protocolError'), { maxLength: 10 }), ms, (earlier, latencyMs) => {
      const parameters = validateScoreParameters()
      const late = new PeerScores<number>({ parameters })
      const inTime = new PeerScores<number>({ parameters })
      const response: Outcome = { type: 'responded', latencyMs, setupMs: 0, dialled: false }

      for (const outcome of earlier) {
        late.record(1, outcome, 0)
        inTime.record(1, outcome, 0)
      }

      late.record(1, { type: 'timedOut', afterMs: 500 }, 0)
      late.recordLate(1, response, 0)
      inTime.record(1, response, 0)

      expect(late.score(1, 0)).toBeCloseTo(inTime.score(1, 0), 12)
    }))
  })
})
