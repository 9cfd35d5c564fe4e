import type { CandidateState } from './candidate-list.ts'
import type { PeerClass } from '../score/peer-score.ts'

/** How many strangers the earlier lookups' answer rate is worth */
const INITIAL_WEIGHT = 5

/** Below this the front would grow beyond any use */
const MIN_ANSWER_RATE = 0.2

/**
 * Who answers to a lookup, and who does so late
 */
export class AnswerStatistics {
  readonly #initialAnswerRate: number
  #strangersSettled = 0
  #strangersAnswered = 0
  #late = 0
  #answeredLate = 0

  /**
   * @param initialAnswerRate - `answerRate` of the lookup before, above 0, at most 1
   */
  constructor (initialAnswerRate: number) {
    this.#initialAnswerRate = initialAnswerRate
  }

  /**
   * The share of strangers that answer, by this lookup and those before it
   */
  get answerRate (): number {
    const rate = (INITIAL_WEIGHT * this.#initialAnswerRate + this.#strangersAnswered) / (INITIAL_WEIGHT + this.#strangersSettled)

    return Math.max(rate, MIN_ANSWER_RATE)
  }

  /**
   * What a peer that is late and does not even connect may hope for: the likelier it is
   * dead, the shorter the grace. Where half of the strangers are, waiting on is all
   * cost, unless others that were late have answered all the same: then it is
   * everybody who is slow, be it our own machine.
   *
   * @returns A share of `graceMs`, 0 to 1
   */
  get patience (): number {
    return Math.max(2 * this.answerRate - 1, this.#late === 0 ? 0 : this.#answeredLate / this.#late)
  }

  /**
   * A peer that was asked is late, has answered or has failed
   */
  changed (peerClass: PeerClass, from: CandidateState, to: CandidateState): void {
    if (peerClass === 'neutral') {
      this.#strangersSettled += from.type === 'asked' ? 1 : 0
      this.#strangersAnswered += to.type === 'responded' ? 1 : 0
    }

    if (peerClass !== 'unacceptable') {
      this.#late += to.type === 'late' ? 1 : 0
      this.#answeredLate += from.type === 'late' && to.type === 'responded' ? 1 : 0
    }
  }
}
