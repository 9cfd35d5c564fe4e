import { SoftDeadline } from '../../timing/soft-deadline.ts'
import { patientTimeout } from './patient-timeout.ts'
import type { SoftDeadlineInit } from '../../timing/soft-deadline.ts'

export interface StagedDeadlineInit extends Omit<SoftDeadlineInit, 'startedAt'> {
  now: () => number
  /** Called once, with the time that has passed, ms, and whether there was a connection or at least a sign of life */
  onPassed: (afterMs: number, reached: boolean) => void
}

/**
 * The timer of a request's soft deadline
 */
export class StagedDeadline {
  private readonly init: StagedDeadlineInit
  private readonly startedAt: number
  private readonly deadline: SoftDeadline
  private clearTimer: (() => void) | undefined

  constructor (init: StagedDeadlineInit) {
    this.init = init
    this.startedAt = init.now()
    this.deadline = new SoftDeadline({ ...init, startedAt: this.startedAt })
    this.set()
  }

  /**
   * There was a sign of life; too late when the deadline has passed
   */
  reached (): void {
    this.deadline.reached(this.init.now())

    if (this.clearTimer != null) {
      this.set()
    }
  }

  clear (): void {
    this.clearTimer?.()
    this.clearTimer = undefined
  }

  private set (): void {
    const { afterMs } = this.deadline

    this.clearTimer?.()
    this.clearTimer = patientTimeout(() => {
      this.clearTimer = undefined
      this.init.onPassed(afterMs, this.deadline.isReached)
    }, Math.max(0, this.startedAt + afterMs - this.init.now()), this.init.now)
  }
}
