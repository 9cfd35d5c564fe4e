/** Time that a test lets pass, and what happens in it */
export interface SimulatedTimers {
  now: () => number
  schedule: (atMs: number, happen: () => void) => () => void
  /** Let time pass; what is due happens in its order */
  pass: (ms: number) => void
  /** How many are waiting */
  readonly waiting: number
}

/**
 * The timers of a world without streams, at 0 ms
 */
export function simulatedTimers (): SimulatedTimers {
  const timers = new Set<{ atMs: number, happen: () => void }>()
  let time = 0

  return {
    now: () => time,
    schedule (atMs, happen) {
      const timer = { atMs, happen }
      timers.add(timer)

      return () => { timers.delete(timer) }
    },
    pass (ms) {
      const until = time + ms

      for (let next = first(timers); next !== undefined && next.atMs <= until; next = first(timers)) {
        timers.delete(next)
        time = Math.max(time, next.atMs)
        next.happen()
      }

      time = until
    },
    get waiting () { return timers.size }
  }
}

function first<T extends { atMs: number }> (timers: Iterable<T>): T | undefined {
  return [...timers].sort((a, b) => a.atMs - b.atMs)[0]
}
