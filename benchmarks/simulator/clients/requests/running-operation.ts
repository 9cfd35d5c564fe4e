import type { Operation } from '../client.ts'

/**
 * An operation that is under way. It ends once, and its end cancels everything that the
 * operation has started.
 */
export class RunningOperation implements Operation {
  queries = 0

  readonly #started: Array<() => void> = []
  #ended = false

  /**
   * Note something that the operation has started
   *
   * @param cancel - Cancels what was started. It does nothing when that is already over.
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
   * @param report - Called only if the operation has not ended before
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
