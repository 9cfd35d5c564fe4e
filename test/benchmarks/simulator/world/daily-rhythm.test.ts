import { describe, expect, test } from 'vitest'
import { dailyRhythm } from '../../../../benchmarks/simulator/world/daily-rhythm.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What passes within a time, summed minute by minute */
function passed (fromMs: number, takesMs: number, amplitude: number, utcOffsetHours: number): number {
  const stepMs = takesMs / 5000
  let sum = 0

  for (let step = 0; step < 5000; step++) {
    const localMs = fromMs + (step + 0.5) * stepMs + utcOffsetHours * HOUR_MS
    sum += stepMs * (1 + amplitude * Math.cos(2 * Math.PI * (localMs - 20 * HOUR_MS) / DAY_MS))
  }

  return sum
}

describe('dailyRhythm', () => {
  test.each([
    [0, 5 * HOUR_MS, 0.3, 0],
    [13 * HOUR_MS, 30 * HOUR_MS, 0.5, 8],
    [-40 * HOUR_MS, 10 * HOUR_MS, -0.5, -8],
    [1e9, 100 * DAY_MS + HOUR_MS, 0.2, 5.5],
    [5 * HOUR_MS, 1000, -0.3, 1]
  ])('from %d ms takes as long as the rate sums up to %d ms, at an amplitude of %d and %d hours from UTC', (fromMs, lengthMs, amplitude, utcOffsetHours) => {
    const takesMs = dailyRhythm(fromMs, lengthMs, amplitude, utcOffsetHours)

    expect(passed(fromMs, takesMs, amplitude, utcOffsetHours) / lengthMs).to.be.closeTo(1, 1e-5)
  })

  test('changes nothing over whole days', () => {
    expect(dailyRhythm(3 * HOUR_MS, 2 * DAY_MS, 0.5, 1)).to.be.closeTo(2 * DAY_MS, 1)
  })

  test('passes fastest at eight in the evening, local time', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour)
    const takes = hours.map(hour => dailyRhythm((hour - 0.5) * HOUR_MS, HOUR_MS, 0.3, 3))

    expect(takes.indexOf(Math.min(...takes))).to.equal(17)
    expect(takes.indexOf(Math.max(...takes))).to.equal(5)
  })
})
