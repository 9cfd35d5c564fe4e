/**
 * A way for one part to tell others that are built after it. Each of these subscribes when it
 * is built. All are told synchronously, in the order in which they subscribed.
 */
export class Notice<Facts extends unknown[]> {
  readonly #listeners: Array<(...facts: Facts) => void> = []

  /**
   * Call a listener for every notice from now on
   */
  subscribe (listener: (...facts: Facts) => void): void {
    this.#listeners.push(listener)
  }

  /** Tell all listeners. This is a bound function, so that it can be given to the part that tells. */
  readonly tell = (...facts: Facts): void => {
    for (const listener of this.#listeners) {
      listener(...facts)
    }
  }
}
