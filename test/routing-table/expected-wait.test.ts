import { describe, expect, test } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { responded } from '../score/outcomes.ts'
import type { ScoreParametersInit } from '../../src/parameters/score-parameters.ts'

function createScores (init: ScoreParametersInit = {}): PeerScores<string> {
  return new PeerScores<string>({ parameters: validateScoreParameters(init) })
}

describe('the expected wait', () => {
  test('is assumed before anything was measured', () => {
    const scores = createScores({ initialLatencyMs: 100, initialLatencyDeviationMs: 10, initialDialRatio: 3 })

    expect(scores.expectedWait('a', true)).toEqual({ meanMs: 100, softDeadlineMs: 140 })
    expect(scores.expectedWait('a', false)).toEqual({ meanMs: 400, softDeadlineMs: 560 })
  })

  test("is a peer's own once it has answered, its first deviation half the latency", () => {
    const scores = createScores({ minSoftDeadlineMs: 50 })
    scores.record('near', responded(20), 0)
    scores.record('far', responded(400), 0)

    expect(scores.expectedWait('near', true)).toEqual({ meanMs: 20, softDeadlineMs: 60 })
    expect(scores.expectedWait('far', true)).toEqual({ meanMs: 400, softDeadlineMs: 1200 })
  })

  test('comes closer to steady latencies, and so does the deadline', () => {
    const scores = createScores()

    for (let i = 0; i < 100; i++) {
      scores.record('a', responded(200), 0)
    }

    expect(scores.expectedWait('a', true).meanMs).toBeCloseTo(200)
    expect(scores.expectedWait('a', true).softDeadlineMs).toBeCloseTo(200)
  })

  test('leaves time for latencies that vary', () => {
    const scores = createScores()

    for (let i = 0; i < 100; i++) {
      scores.record('a', responded(i % 2 === 0 ? 100 : 300), 0)
    }

    expect(scores.expectedWait('a', true).meanMs).toBeCloseTo(200, -2)
    expect(scores.expectedWait('a', true).softDeadlineMs).toBeGreaterThan(500)
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

  test('is hardly moved for all by one peer that took a minute', () => {
    const scores = createScores()

    for (let i = 0; i < 100; i++) {
      scores.record(`peer ${i}`, responded(100 + i % 10, 400), 0)
    }

    const before = scores.expectedWait('unseen', false).meanMs
    scores.record('slow', responded(60_000, 60_000), 0)
    expect(scores.expectedWait('unseen', false).meanMs).toBeLessThan(before * 1.1)

    scores.record('slow', responded(60_000, 400), 0)
    expect(scores.expectedWait('unseen', false).meanMs).toBeGreaterThan(before / 1.1)
  })

  test('follows the network even where latency never varied', () => {
    const scores = createScores({ initialLatencyMs: 10, initialLatencyDeviationMs: 0 })

    for (let i = 0; i < 1000; i++) {
      scores.record(`peer ${i}`, responded(50), 0)
    }

    expect(scores.expectedWait('unseen', true).meanMs).toBeCloseTo(50, 0)
  })

  test('is at least a millisecond, and the deadline within its limits', () => {
    const scores = createScores({ minSoftDeadlineMs: 50, maxSoftDeadlineMs: 900 })
    scores.record('here', responded(0), 0)
    scores.record('moon', responded(2600), 0)

    expect(scores.expectedWait('here', true)).toEqual({ meanMs: 1, softDeadlineMs: 50 })
    expect(scores.expectedWait('moon', true).softDeadlineMs).toBe(900)
  })
})

describe('the time for a first sign of life', () => {
  test("is the network's mean and eight deviations for a stranger", () => {
    expect(createScores({ initialLatencyMs: 100, initialLatencyDeviationMs: 10 }).connectDeadlineMs('a', false)).toBe(180)
  })

  test('is shorter for a probe of a peer that never answered', () => {
    expect(createScores({ initialLatencyMs: 100, initialLatencyDeviationMs: 10 }).connectDeadlineMs('a', true)).toBe(140)
  })

  test('holds a finish for one deviation beyond the mean', () => {
    const scores = createScores({ initialLatencyMs: 100, initialLatencyDeviationMs: 10 })

    expect(scores.probeHoldMs('a')).toBe(110)
    scores.record('a', responded(400), 0)
    expect(scores.probeHoldMs('a')).toBe(400 + 200)
  })

  test("is the peer's own mean and four deviations once it has answered", () => {
    const scores = createScores()
    scores.record('a', responded(400), 0)

    expect(scores.connectDeadlineMs('a', false)).toBe(400 + 4 * 200)
  })

  test('keeps to the bounds of soft deadlines', () => {
    const scores = createScores({ minSoftDeadlineMs: 50, maxSoftDeadlineMs: 900 })
    scores.record('here', responded(0), 0)
    scores.record('moon', responded(2000), 0)

    expect(scores.connectDeadlineMs('here', false)).toBe(50)
    expect(scores.connectDeadlineMs('moon', false)).toBe(900)
  })
})

describe('the time for the answer of a dialled peer', () => {
  test('is one and a half times what follows from its first round trip', () => {
    const scores = createScores({ initialDialRatio: 4, initialLatencyMs: 50, initialLatencyDeviationMs: 0 })

    expect(scores.dialledDeadlineMs('a', 100)).toBe(1.5 * 100 * (1 + 4))
  })

  test('is no shorter for a stranger than what peers need in the mean, as far as that is known: who accepts a connection may be nearer than who answers', () => {
    const scores = createScores({ initialDialRatio: 4, initialLatencyMs: 300, initialLatencyDeviationMs: 150 })

    expect(scores.dialledDeadlineMs('a', 11)).toBe((300 + 150) * (1 + 4))

    for (let i = 0; i < 1000; i++) {
      scores.record(`peer ${i}`, responded(300), 0)
    }

    expect(scores.dialledDeadlineMs('a', 11)).toBeCloseTo(300 * (1 + 4), 0)
  })

  test('is no shorter than the peer itself has needed', () => {
    const scores = createScores()
    scores.record('a', responded(400, 1000), 0)

    expect(scores.dialledDeadlineMs('a', 11)).toBe(scores.expectedWait('a', false).softDeadlineMs)
  })

  test('keeps to the bounds of soft deadlines', () => {
    const scores = createScores({ initialDialRatio: 4, initialLatencyMs: 1, initialLatencyDeviationMs: 0, minSoftDeadlineMs: 50, maxSoftDeadlineMs: 900 })

    expect(scores.dialledDeadlineMs('a', 1)).toBe(50)
    expect(scores.dialledDeadlineMs('a', 500)).toBe(900)
  })
})
