import { patientTimeout } from './patient-timeout.ts'

export interface StagedDeadlineInit {
  /** Time for the first sign of life, ms; undefined where there is a connection */
  connectDeadlineMs: number | undefined
  /** Time for the answer, ms */
  deadlineMs: number
  /** Time for the answer once the first sign of life took `connectMs`, ms */
  dialledDeadlineMs: (connectMs: number) => number
  now: () => number
  /** Called once, with the time that has passed, ms, and whether there was a connection or at least a sign of life */
  onPassed: (afterMs: number, reached: boolean) => void
}

/**
 * A request's soft deadline. The dial of a silent peer shows within a round trip
 * that nothing comes back, and that of a live one how long its round trip is:
 * neither needs the time that would do for everybody.
 */
export class StagedDeadline {
  private readonly init: StagedDeadlineInit
  private readonly startedAt: number
  private isReached: boolean
  private clearTimer: (() => void) | undefined

  constructor (init: StagedDeadlineInit) {
    this.init = init
    this.startedAt = init.now()
    this.isReached = init.connectDeadlineMs == null
    this.set(Math.min(init.deadlineMs, init.connectDeadlineMs ?? Infinity))
  }

  /**
   * There was a sign of life; too late when the deadline has passed
   */
  reached (): void {
    this.isReached = true

    if (this.clearTimer != null) {
      const { deadlineMs, dialledDeadlineMs, now } = this.init

      this.set(Math.min(deadlineMs, dialledDeadlineMs(now() - this.startedAt)))
    }
  }

  clear (): void {
    this.clearTimer?.()
    this.clearTimer = undefined
  }

  private set (afterMs: number): void {
    this.clearTimer?.()
    this.clearTimer = patientTimeout(() => {
      this.clearTimer = undefined
      this.init.onPassed(afterMs, this.isReached)
    }, Math.max(0, this.startedAt + afterMs - this.init.now()), this.init.now)
  }
}
