import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * Decides when a node that knows too few good peers searches for more. There is one search
 * at a time. The pause doubles with each search, because a small network may have no more
 * good peers.
 */
export class GoodPeerSearch {
  readonly #parameters: Pick<UpkeepParameters, 'minSearchPauseMs' | 'maxSearchPauseMs'>
  #pauseMs = 0
  #nextAtMs = Infinity
  #isSearching = false

  constructor (parameters: Pick<UpkeepParameters, 'minSearchPauseMs' | 'maxSearchPauseMs'>) {
    this.#parameters = parameters
  }

  /** The node starts. It waits for the first pause, because the peers that it meets until then may be enough. */
  start (now: number): void {
    this.#pauseMs = this.#parameters.minSearchPauseMs
    this.#nextAtMs = now + this.#pauseMs
  }

  /**
   * Whether to search now. If so, `ended` must follow when the search is over.
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

  /** The node stops: no search is under way any more, and none will begin */
  stop (): void {
    this.#isSearching = false
    this.#nextAtMs = Infinity
  }
}
