/** A timer that fires later than this was delayed by our own work, ms */
const TOLERATED_LAG_MS = 20

/** The second wait is no longer than this, or than the first wait if that was longer, ms */
const LONGEST_EXTRA_MS = 1000

/**
 * A timer that does not blame others for our own slowness. After a long task Node fires
 * overdue timers before it reads the data that has arrived. A timer that fires late
 * therefore waits once more, for as long as it was late, but no longer than `delayMs` or
 * one second, whichever is more.
 *
 * @param now - ms
 * @returns Clears the timer
 */
export function patientTimeout (callback: () => void, delayMs: number, now: () => number): () => void {
  const dueAt = now() + delayMs

  let timer = setTimeout(() => {
    const lagMs = now() - dueAt

    if (lagMs > TOLERATED_LAG_MS) {
      timer = setTimeout(callback, Math.min(lagMs, Math.max(delayMs, LONGEST_EXTRA_MS)))
    } else {
      callback()
    }
  }, delayMs)

  return () => { clearTimeout(timer) }
}
