// two poor peers that answer one after the other are more than chance
const WEIGHT_CAP = 4
const THRESHOLD = 0.4

/**
 * Notices when poor peers begin to answer again. A network between us and them may be back
 * then, and the other poor peers deserve another look at once.
 */
export class RecoveryWatch {
  #rate = 0
  #recoveredAt = -Infinity

  /**
   * When poor peers were last found to answer again, ms; `-Infinity` for never. A poor peer
   * that was not asked since then may have recovered too.
   */
  get recoveredAt (): number {
    return this.#recoveredAt
  }

  /** An unacceptable peer was asked, and has answered or not */
  asked (answered: boolean, now: number): void {
    this.#rate += (Number(answered) - this.#rate) / WEIGHT_CAP

    if (answered && this.#rate >= THRESHOLD) {
      this.#recoveredAt = now
    }
  }
}
