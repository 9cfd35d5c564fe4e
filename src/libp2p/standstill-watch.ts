/** How often the time is looked at while something is under way, ms */
const INTERVAL_MS = 250

/** A look that comes so much later than it should was kept from it: the process was suspended, or busy with one thing, ms */
const STANDSTILL_MS = 500

/**
 * Notices when this process has stood still, before the deadlines that have passed
 * meanwhile are held against anybody: the next look is due before they are.
 */
export class StandstillWatch {
  readonly #now: () => number
  readonly #onStandstill: () => void
  #users = 0
  #timer: ReturnType<typeof setInterval> | undefined

  /**
   * @param now - ms
   */
  constructor (now: () => number, onStandstill: () => void) {
    this.#now = now
    this.#onStandstill = onStandstill
  }

  /**
   * Watch from now on
   *
   * @returns To be called when it is no longer needed
   */
  begin (): () => void {
    if (++this.#users === 1) {
      let lookedAt = this.#now()

      this.#timer = setInterval(() => {
        const now = this.#now()

        if (now - lookedAt - INTERVAL_MS > STANDSTILL_MS) {
          this.#onStandstill()
        }

        lookedAt = now
      }, INTERVAL_MS)
      this.#timer.unref?.()
    }

    return () => {
      if (--this.#users === 0) {
        clearInterval(this.#timer)
      }
    }
  }
}
