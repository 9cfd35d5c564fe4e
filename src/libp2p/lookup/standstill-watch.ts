/** How often the watch looks at the clock while a request is under way, ms */
const INTERVAL_MS = 250

/** A look that comes this much too late means a standstill, ms. The process was suspended, or busy with one long task. */
const STANDSTILL_MS = 500

/**
 * Notices when this process has stood still. The watch looks at the clock often, so it
 * notices a standstill before the deadlines that passed in that time count against any peer.
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
   * @returns Ends the watch. Call it when the request is over.
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
   * Look at the clock now. Call this before the duration of a request is used, because after a standstill
   * an answer may be read before the timer of the watch fires.
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
