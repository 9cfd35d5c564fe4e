/**
 * The two times that a node needs
 */
export interface Clock {
  /** The time for durations and deadlines, ms. It never goes back and never jumps, even when the time of day is set. */
  now: () => number
  /** The time for what is stored or read by others, ms since the epoch */
  timeOfDay: () => number
}

/**
 * The clock of this process. Both times begin equal when the process starts, and stay so
 * until somebody sets the time of day.
 */
export function systemClock (): Clock {
  return { now: () => performance.timeOrigin + performance.now(), timeOfDay: () => Date.now() }
}
