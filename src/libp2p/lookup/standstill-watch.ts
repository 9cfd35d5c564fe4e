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
  #lookedAt = 0
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
      this.#lookedAt = this.#now()
      this.#timer = setInterval(() => { this.look() }, INTERVAL_MS)
      this.#timer.unref?.()
    }

    return () => {
      if (--this.#users === 0) {
        clearInterval(this.#timer)
      }
    }
  }

  /**
   * Look now, before anything is concluded from how long it took: what has arrived
   * meanwhile may be read before any timer fires
   */
  look (): void {
    const now = this.#now()
    const stoodStill = this.#users > 0 && now - this.#lookedAt - INTERVAL_MS > STANDSTILL_MS
    this.#lookedAt = now

    if (stoodStill) {
      this.#onStandstill()
    }
  }
}
