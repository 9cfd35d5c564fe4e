import { describe, expect, test } from 'vitest'
import { ExpectedWaits } from '../../src/timing/expected-waits.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import type { ScoreParametersInit } from '../../src/parameters/score-parameters.ts'

/** A network of 100 ms, give or take 10, in which a dial takes three times that */
const ASSUMED: ScoreParametersInit = { initialLatencyMs: 100, initialLatencyDeviationMs: 10, initialDialRatio: 3, minSoftDeadlineMs: 1, maxSoftDeadlineMs: 100_000 }

const STRANGER = undefined
const SLOW = { latencyMs: 400, latencyDeviationMs: 50 }

function waits (init: ScoreParametersInit = {}): ExpectedWaits {
  return new ExpectedWaits(validateScoreParameters({ ...ASSUMED, ...init }))
}

describe('the expected wait', () => {
  test.each([
    ['a stranger that is connected', STRANGER, true, 100, 140],
    ['a stranger', STRANGER, false, 400, 560],
    ['a peer that has answered, and is connected', SLOW, true, 400, 600],
    ['a peer that has answered', SLOW, false, 1600, 2400],
    ['a peer of which only referrals are known', { latencyMs: undefined, latencyDeviationMs: undefined }, true, 100, 140]
  ])('for %s', (_, record, connected, meanMs, softDeadlineMs) => {
    expect(waits().expectedWait(record, connected)).toEqual({ meanMs, softDeadlineMs })
  })

  test('for a stranger follows the network', () => {
    const learning = waits()
    learning.network.record(300)

    expect(learning.expectedWait(STRANGER, true).meanMs).toBe((100 + 180) / 2)
  })

  test('is at least a millisecond, and its deadline within the bounds', () => {
    const bounded = waits({ minSoftDeadlineMs: 50, maxSoftDeadlineMs: 900 })

    expect(bounded.expectedWait({ latencyMs: 0, latencyDeviationMs: 0 }, true)).toEqual({ meanMs: 1, softDeadlineMs: 50 })
    expect(bounded.expectedWait({ latencyMs: 2600, latencyDeviationMs: 10 }, true).softDeadlineMs).toBe(900)
    expect(bounded.expectedWait({ latencyMs: NaN, latencyDeviationMs: 10 }, true).softDeadlineMs).toBe(50)
  })
})

describe('the time for a first sign of life', () => {
  test.each([
    ['a stranger has eight deviations beyond the mean', STRANGER, false, 180],
    ['one that is probed has four', STRANGER, true, 140],
    ['a peer that has answered has four of its own', SLOW, false, 600],
    ['and is probed with the same', SLOW, true, 600]
  ])('%s', (_, record, isProbe, deadlineMs) => {
    expect(waits().connectDeadlineMs(record, isProbe)).toBe(deadlineMs)
  })

  test('holds a finish for one deviation beyond the mean', () => {
    expect(waits().probeHoldMs(STRANGER)).toBe(110)
    expect(waits().probeHoldMs(SLOW)).toBe(450)
  })

  test('keeps to the bounds', () => {
    const bounded = waits({ minSoftDeadlineMs: 150, maxSoftDeadlineMs: 170 })

    expect([bounded.connectDeadlineMs(STRANGER, true), bounded.connectDeadlineMs(STRANGER, false), bounded.probeHoldMs(SLOW)]).toEqual([150, 170, 170])
  })
})

describe('the time for the answer of a dialled peer', () => {
  test('is one and a half times what follows from its first round trip', () => {
    expect(waits().dialledDeadlineMs(STRANGER, 200)).toBe(1.5 * 200 * (1 + 3))
  })

  test('is no shorter for a stranger than what peers need in the mean, as far as that is known', () => {
    const learning = waits()
    expect(learning.dialledDeadlineMs(STRANGER, 11)).toBe((100 + 10) * (1 + 3))

    for (let i = 0; i < 500; i++) {
      learning.network.record(100)
    }

    expect(learning.dialledDeadlineMs(STRANGER, 11)).toBeCloseTo(100 * (1 + 3), 0)
  })

  test('is no shorter than the peer itself has needed', () => {
    expect(waits().dialledDeadlineMs(SLOW, 11)).toBe(waits().expectedWait(SLOW, false).softDeadlineMs)
  })

  test('keeps to the bounds', () => {
    const bounded = waits({ minSoftDeadlineMs: 500, maxSoftDeadlineMs: 900 })

    expect([bounded.dialledDeadlineMs(STRANGER, 1), bounded.dialledDeadlineMs(STRANGER, 500)]).toEqual([500, 900])
  })
})
