import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * When a node that knows too few good peers looks for more: one search at a time, and
 * twice as long a pause after each, as a small network may have no more.
 */
export class GoodPeerSearch {
  readonly #parameters: Pick<UpkeepParameters, 'minSearchPauseMs' | 'maxSearchPauseMs'>
  #pauseMs = 0
  #nextAtMs = Infinity
  #isSearching = false

  constructor (parameters: Pick<UpkeepParameters, 'minSearchPauseMs' | 'maxSearchPauseMs'>) {
    this.#parameters = parameters
  }

  /** The node starts: those whom it meets by itself may be enough */
  start (now: number): void {
    this.#pauseMs = this.#parameters.minSearchPauseMs
    this.#nextAtMs = now + this.#pauseMs
  }

  /**
   * Whether to search now
   *
   * @param isNeeded - Whether there are too few good peers
   */
  round (isNeeded: boolean, now: number): boolean {
    const { minSearchPauseMs, maxSearchPauseMs } = this.#parameters

    if (!isNeeded) {
      this.#pauseMs = minSearchPauseMs
      return false
    }

    if (this.#isSearching || now < this.#nextAtMs) {
      return false
    }

    this.#pauseMs = Math.min(2 * this.#pauseMs, maxSearchPauseMs)
    this.#nextAtMs = now + this.#pauseMs
    this.#isSearching = true

    return true
  }

  /** The search has ended */
  ended (): void {
    this.#isSearching = false
  }

  /** Nothing is under way any more */
  stop (): void {
    this.#isSearching = false
    this.#nextAtMs = Infinity
  }
}
