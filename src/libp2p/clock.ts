/**
 * The two times that a node needs
 */
export interface Clock {
  /** For durations and deadlines, ms: never goes back and never jumps, whatever becomes of the time of day */
  now: () => number
  /** For what is stored and read by others, ms since the epoch */
  timeOfDay: () => number
}

/**
 * The clock of this process. The process began at the time of day, so that both are alike
 * until somebody sets that.
 */
export function systemClock (): Clock {
  return { now: () => performance.timeOrigin + performance.now(), timeOfDay: () => Date.now() }
}
