import type { Outcome } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'
import type { PeerScores } from '../routing-table/peer-scores.ts'

type State =
  | { type: 'open' }
  /** Its soft deadline has passed; the peer's record before and after that was counted */
  | { type: 'late', before: Readonly<PeerScore> | undefined, after: Readonly<PeerScore> | undefined }
  | { type: 'settled' }

export interface RequestOutcomeInit<P extends string | number> {
  peer: P
  /** Who named the peer: whether it answers counts for the referrer too */
  referrer: P | undefined
  /** When the request is made, ms */
  startedAt: number
  scores: PeerScores<P>
}

/**
 * What becomes of one request, in the scores: it gives one outcome. When its soft
 * deadline passes that is a failure, recorded then; after it only an answer
 * counts, and replaces the failure.
 */
export class RequestOutcome<P extends string | number> {
  readonly #init: RequestOutcomeInit<P>
  #state: State = { type: 'open' }

  constructor (init: RequestOutcomeInit<P>) {
    this.#init = init
  }

  /**
   * The lookup stopped waiting, it may still answer
   *
   * @param reached - Whether there was a connection or at least a sign of life
   */
  softDeadlinePassed (afterMs: number, reached: boolean, now: number): void {
    const { peer, scores } = this.#init

    if (this.#state.type === 'open') {
      const before = scores.get(peer)
      scores.record(peer, reached ? { type: 'timedOut', afterMs } : { type: 'dialFailed', class: 'timeout' }, now, this.#init)
      this.#state = { type: 'late', before, after: scores.get(peer) }
    }
  }

  /**
   * How it ended
   */
  settle (outcome: Outcome, now: number): void {
    const { peer, scores } = this.#init

    if (this.#state.type === 'late') {
      scores.recordLate(peer, outcome, now, this.#init)
    } else if (this.#state.type === 'open') {
      scores.record(peer, outcome, now, this.#init)
    }

    this.#state = { type: 'settled' }
  }

  /**
   * It was given up by us, so nobody will know how it would have ended: what was
   * recorded at its soft deadline is taken back
   */
  abandon (): void {
    const { peer, scores } = this.#init

    // its failure may have been another's, or not have been counted yet
    if (this.#state.type === 'late' && this.#state.after !== undefined && this.#state.after !== this.#state.before) {
      scores.takeBack(peer, this.#state.before, this.#state.after)
    }

    this.#state = { type: 'settled' }
  }
}
