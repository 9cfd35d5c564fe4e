const DAY_MS = 86_400_000
const PER_MS = 2 * Math.PI / DAY_MS

/** When most people are online, ms since local midnight */
const PEAK_MS = 20 * 3_600_000

// Newton's method ends after at most this many steps. The error is then far below a millisecond, whatever the
// amplitude.
const MAX_STEPS = 30
const CLOSE_ENOUGH_MS = 1e-3

/**
 * How long something takes that passes faster or slower with the local time of day. Its
 * rate is 1 + amplitude * cos(time since the peak), which has a mean of 1 over a day.
 *
 * The result is the time t for which the integral of the rate from `fromMs` to `fromMs` +
 * t is `lengthMs`.
 *
 * @param fromMs - Simulated time at which it begins, ms; time 0 is midnight UTC
 * @param lengthMs - How long it would take at a rate of 1
 * @param amplitude - -0.5 to 0.5. Above 0, it passes faster in the evening.
 * @param utcOffsetHours - Offset of the local time from UTC
 */
export function dailyRhythm (fromMs: number, lengthMs: number, amplitude: number, utcOffsetHours: number): number {
  if (amplitude === 0) {
    return lengthMs
  }

  const phase = PER_MS * ((fromMs + utcOffsetHours * 3_600_000 - PEAK_MS) % DAY_MS)
  const passed = Math.sin(phase)
  let low = lengthMs / (1 + Math.abs(amplitude))
  let high = lengthMs / (1 - Math.abs(amplitude))
  let takes = lengthMs

  // Newton's method, kept within the interval that is known to contain the solution
  for (let step = 0; step < MAX_STEPS; step++) {
    const angle = phase + PER_MS * takes
    const excess = takes + amplitude / PER_MS * (Math.sin(angle) - passed) - lengthMs

    if (Math.abs(excess) < CLOSE_ENOUGH_MS) {
      break
    }

    if (excess > 0) {
      high = takes
    } else {
      low = takes
    }

    const next = takes - excess / (1 + amplitude * Math.cos(angle))
    takes = next > low && next < high ? next : (low + high) / 2
  }

  return takes
}
