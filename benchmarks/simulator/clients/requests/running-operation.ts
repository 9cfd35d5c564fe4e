import type { Operation } from '../client.ts'

/**
 * An operation that is under way: it ends once, and what it has started is given up
 * with it
 */
export class RunningOperation implements Operation {
  queries = 0

  readonly #started: Array<() => void> = []
  #ended = false

  /**
   * Something that the operation has started
   *
   * @param cancel - Gives it up, if it is not over
   */
  started (cancel: () => void): void {
    if (this.#ended) {
      cancel()
    } else {
      this.#started.push(cancel)
    }
  }

  /**
   * End with a result
   *
   * @param report - Called unless the operation has ended already
   */
  end (report: () => void): void {
    if (!this.#ended) {
      this.cancel()
      report()
    }
  }

  cancel (): void {
    this.#ended = true
    this.#started.splice(0).forEach(cancel => { cancel() })
  }
}
