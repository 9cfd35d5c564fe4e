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
 * A request's soft deadline, in stages. The dial of a silent peer shows within a round
 * trip that nothing comes back, and that of a live one how long its round trip is:
 * neither needs the time that would do for everybody.
 */
export class SoftDeadline {
  /** When it passes, ms after the request was made, as far as is known by now */
  afterMs: number
  /** Whether there was a connection or at least a sign of life */
  isReached: boolean

  private readonly init: SoftDeadlineInit

  constructor (init: SoftDeadlineInit) {
    this.init = init
    this.isReached = init.connectDeadlineMs === undefined
    this.afterMs = Math.min(init.deadlineMs, init.connectDeadlineMs ?? Infinity)
  }

  /** When it passes, ms, as far as is known by now */
  get atMs (): number {
    return this.init.startedAt + this.afterMs
  }

  /**
   * There was a sign of life
   *
   * @param now - ms, by a clock that never goes back
   */
  reached (now: number): void {
    const { startedAt, deadlineMs, dialledDeadlineMs } = this.init

    this.isReached = true
    this.afterMs = Math.min(deadlineMs, dialledDeadlineMs(now - startedAt))
  }
}
