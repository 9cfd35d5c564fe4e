/**
 * What a part tells to others that are built after it: each subscribes when it is
 * built, and all are told at once, in that order.
 */
export class Notice<Facts extends unknown[]> {
  readonly #listeners: Array<(...facts: Facts) => void> = []

  /**
   * Be told from now on
   */
  subscribe (listener: (...facts: Facts) => void): void {
    this.#listeners.push(listener)
  }

  /** To be handed to who has something to tell */
  readonly tell = (...facts: Facts): void => {
    for (const listener of this.#listeners) {
      listener(...facts)
    }
  }
}
