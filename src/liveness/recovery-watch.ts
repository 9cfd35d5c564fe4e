// two peers in a row, of those that were poor, say more than chance does
const WEIGHT_CAP = 4
const THRESHOLD = 0.4

/**
 * Notices when poor peers begin to answer again: a network between us and them that
 * was gone may be back, and then the others deserve another look at once.
 */
export class RecoveryWatch {
  #rate = 0
  #recoveredAt = -Infinity

  /**
   * When poor peers were last found to answer again, ms; `-Infinity` for never. A poor
   * peer that was not asked since may be well.
   */
  get recoveredAt (): number {
    return this.#recoveredAt
  }

  /** Whether an unacceptable peer that was asked has answered */
  asked (answered: boolean, now: number): void {
    this.#rate += (Number(answered) - this.#rate) / WEIGHT_CAP

    if (answered && this.#rate >= THRESHOLD) {
      this.#recoveredAt = now
    }
  }
}
