import type { Outcome } from './outcome.ts'
import type { PeerScores } from './peer-scores.ts'

/**
 * What becomes of one request of a lookup, in the scores: it gives one outcome. When
 * its soft deadline passes that is a failure, recorded then; after it only an answer
 * counts, and replaces the failure.
 */
export class RequestOutcome<P extends string | number> {
  private readonly peer: P
  private readonly referrer: P | undefined
  private readonly scores: PeerScores<P>
  private state: 'open' | 'late' | 'settled' = 'open'

  /**
   * @param referrer - Who named the peer: whether it answers counts for the referrer too
   */
  constructor (peer: P, referrer: P | undefined, scores: PeerScores<P>) {
    this.peer = peer
    this.referrer = referrer
    this.scores = scores
  }

  /**
   * The lookup stopped waiting, it may still answer
   *
   * @param reached - Whether there was a connection or at least a sign of life
   * @returns The outcome that was recorded, if one was
   */
  softDeadlinePassed (afterMs: number, reached: boolean, now: number): Outcome | undefined {
    if (this.state !== 'open') {
      return undefined
    }

    const outcome: Outcome = reached ? { type: 'timedOut', afterMs } : { type: 'dialFailed', class: 'timeout' }

    this.state = 'late'
    this.record(outcome, now)

    return outcome
  }

  /**
   * How it ended
   *
   * @returns The outcome that was recorded, if one was
   */
  settle (outcome: Outcome, now: number): Outcome | undefined {
    const wasLate = this.state === 'late'

    this.state = 'settled'

    if (!wasLate) {
      this.record(outcome, now)

      return outcome
    }

    if (outcome.type === 'timedOut' || outcome.type === 'dialFailed') {
      return undefined
    }

    this.scores.recordLate(this.peer, outcome, now)

    if (this.referrer !== undefined && isAnswer(outcome)) {
      this.scores.recordLateReferral(this.referrer, now)
    }

    return outcome
  }

  private record (outcome: Outcome, now: number): void {
    this.scores.record(this.peer, outcome, now)

    if (this.referrer !== undefined) {
      this.scores.recordReferral(this.referrer, isAnswer(outcome), now)
    }
  }
}

function isAnswer ({ type }: Outcome): boolean {
  return type === 'responded' || type === 'stored'
}
