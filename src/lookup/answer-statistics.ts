import type { CandidateState } from './candidate-list.ts'
import type { Graces } from '../liveness/late-answers.ts'
import type { PeerClass } from '../score/peer-score.ts'

/** The answer rate of the earlier lookups counts as much as this many strangers of this one */
const INITIAL_WEIGHT = 5

/** The lowest answer rate: the front grows as the rate falls, and with a lower rate it would hold far too many peers */
const MIN_ANSWER_RATE = 0.2

/**
 * Counts who answers to a lookup, and who answers late. A stranger is a peer of the class neutral.
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
   * The share of strangers that answer, as this lookup and those before it have found; 0.2 to 1
   */
  get answerRate (): number {
    const rate = (INITIAL_WEIGHT * this.#initialAnswerRate + this.#strangersAnswered) / (INITIAL_WEIGHT + this.#strangersSettled)

    return Math.max(rate, MIN_ANSWER_RATE)
  }

  /**
   * The grace of a late peer without a sign of life, ms. The likelier such a peer is dead, the
   * shorter is its grace. Where half of the strangers are dead, it gets none. But if such peers
   * have answered this lookup after all, then everybody is slow, perhaps because of our own
   * machine. It then gets that share of the grace of a peer that has shown life.
   */
  silentGraceMs ({ silent, signed }: Graces): number {
    const answeredLate = this.#late === 0 ? 0 : this.#answeredLate / this.#late

    return Math.max(silent * Math.max(0, 2 * this.answerRate - 1), signed * answeredLate)
  }

  /**
   * Count that a peer that was asked is late, has answered or has failed
   */
  changed (peerClass: PeerClass, from: CandidateState, to: CandidateState): void {
    if (peerClass === 'neutral') {
      this.#strangersSettled += from.type === 'asked' ? 1 : 0
      this.#strangersAnswered += to.type === 'responded' ? 1 : 0
    }

    if (peerClass !== 'unacceptable') {
      this.#late += to.type === 'late' && to.wasSilent ? 1 : 0
      this.#answeredLate += from.type === 'late' && from.wasSilent && to.type === 'responded' ? 1 : 0
    }
  }
}
