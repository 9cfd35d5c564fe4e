import { describe, expect, test } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { responded } from '../score/outcomes.ts'
import type { ScoreParametersInit } from '../../src/parameters/score-parameters.ts'

function createScores (init: ScoreParametersInit = {}): PeerScores<string> {
  return new PeerScores<string>({ parameters: validateScoreParameters(init) })
}

describe('the expected wait', () => {
  test("is a peer's own once it has answered, its first deviation half the latency", () => {
    const scores = createScores({ minSoftDeadlineMs: 50 })
    scores.record('near', responded(20), 0)
    scores.record('far', responded(400), 0)

    expect(scores.expectedWait('near', true)).toEqual({ meanMs: 20, softDeadlineMs: 60 })
    expect(scores.expectedWait('far', true)).toEqual({ meanMs: 400, softDeadlineMs: 1200 })
  })

  test("learns the network's latency for peers that never answered", () => {
    const scores = createScores()

    for (let i = 0; i < 300; i++) {
      scores.record(`peer ${i}`, responded(80), 0)
    }

    expect(scores.expectedWait('unseen', true).meanMs).toBeCloseTo(80, -1)
  })

  test('learns how long dials take, from dialled answers only', () => {
    const scores = createScores()

    for (let i = 0; i < 1000; i++) {
      scores.record('dialled', responded(100, 600), 0)
      scores.record('open', responded(100), 0)
    }

    expect(scores.expectedWait('dialled', false).meanMs).toBeCloseTo(700, 0)
    expect(scores.expectedWait('open', false).meanMs).toBeCloseTo(700, 0)
    expect(scores.expectedWait('open', true).meanMs).toBeCloseTo(100, 0)
  })

  test("goes by the peer's own record in all that is asked of it", () => {
    const scores = createScores()
    scores.record('a', responded(400), 0)

    expect(scores.connectDeadlineMs('a', false)).toBe(400 + 4 * 200)
    expect(scores.probeHoldMs('a')).toBe(400 + 200)
    expect(scores.dialledDeadlineMs('a', 1)).toBe(scores.expectedWait('a', false).softDeadlineMs)
  })
})
