import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/libp2p/clock.ts'
import { settableClock } from './settable-clock.ts'

const HOUR = 3_600_000

describe('the clock of the process', () => {
  test('tells the time of day in both of its times', () => {
    const { now, timeOfDay } = systemClock()

    expect(Math.abs(timeOfDay() - Date.now())).toBeLessThan(1_000)
    expect(Math.abs(now() - performance.timeOrigin - performance.now())).toBeLessThan(1_000)
  })

  test.each([HOUR, -HOUR])('goes on when somebody sets the time of day by %i ms, which the other one follows', stepMs => {
    const day = settableClock()
    const { now, timeOfDay } = systemClock()
    const before = { now: now(), timeOfDay: timeOfDay() }
    day.stepBy(stepMs)

    expect(now() - before.now).toBeGreaterThanOrEqual(0)
    expect(now() - before.now).toBeLessThan(1_000)
    expect(Math.abs(timeOfDay() - before.timeOfDay - stepMs)).toBeLessThan(1_000)
  })
})
