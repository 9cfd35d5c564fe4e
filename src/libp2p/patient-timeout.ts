/** A timer that comes later than this was kept from it by our own work, ms */
const TOLERATED_LAG_MS = 20

/**
 * A timer that does not blame others for our own slowness: Node fires what is
 * overdue before it reads what has arrived. One that comes late therefore waits
 * once more, for as long as it was late.
 *
 * @param now - ms since the epoch
 * @returns Clears it
 */
export function patientTimeout (callback: () => void, delayMs: number, now: () => number): () => void {
  const dueAt = now() + delayMs

  let timer = setTimeout(() => {
    const lagMs = now() - dueAt

    if (lagMs > TOLERATED_LAG_MS) {
      timer = setTimeout(callback, lagMs)
    } else {
      callback()
    }
  }, delayMs)

  return () => { clearTimeout(timer) }
}
