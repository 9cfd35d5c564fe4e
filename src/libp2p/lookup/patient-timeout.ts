/** A timer that comes later than this was kept from it by our own work, ms */
const TOLERATED_LAG_MS = 20

/** Nobody waits again for longer than this, or than the first time, ms */
const LONGEST_EXTRA_MS = 1000

/**
 * A timer that does not blame others for our own slowness: Node fires what is
 * overdue before it reads what has arrived. One that comes late therefore waits
 * once more, for as long as it was late; where that was very long, for as long as the
 * first time, or a second.
 *
 * @param now - ms
 * @returns Clears it
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
