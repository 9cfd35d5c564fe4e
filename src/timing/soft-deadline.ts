export interface SoftDeadlineInit {
  /** When the request was made, ms */
  startedAt: number
  /** Time for the first sign of life, ms; undefined where there is a connection */
  connectDeadlineMs: number | undefined
  /** Time for the answer, ms */
  deadlineMs: number
  /** Time for the answer once the first sign of life took `connectMs`, ms */
  dialledDeadlineMs: (connectMs: number) => number
}

/**
 * The soft deadline of a request, in stages. A dial shows within a round trip whether
 * anything comes back and, if so, how long a round trip is. So a silent peer is late soon, and
 * a living one gets the time that suits its own link.
 */
export class SoftDeadline {
  /** When it passes, ms after the request was made; a sign of life moves it */
  afterMs: number
  /** Whether there was a connection or at least a sign of life */
  isReached: boolean

  readonly #init: SoftDeadlineInit

  constructor (init: SoftDeadlineInit) {
    this.#init = init
    this.isReached = init.connectDeadlineMs === undefined
    this.afterMs = Math.min(init.deadlineMs, init.connectDeadlineMs ?? Infinity)
  }

  /** When it passes, ms, as far as is known by now */
  get atMs (): number {
    return this.#init.startedAt + this.afterMs
  }

  /**
   * There was a sign of life
   *
   * @param now - ms, by a clock that never goes back
   */
  reached (now: number): void {
    const { startedAt, deadlineMs, dialledDeadlineMs } = this.#init

    this.isReached = true
    this.afterMs = Math.min(deadlineMs, dialledDeadlineMs(now - startedAt))
  }
}
