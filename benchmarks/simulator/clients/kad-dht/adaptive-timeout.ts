/** @libp2p/utils 7 adaptive-timeout.ts `DEFAULT_TIMEOUT_MULTIPLIER`, `DEFAULT_FAILURE_MULTIPLIER`, `DEFAULT_MIN_TIMEOUT`, `DEFAULT_MAX_TIMEOUT`, `DEFAULT_INTERVAL`; ms */
const TIMEOUT_MULTIPLIER = 1.2
const FAILURE_MULTIPLIER = 2
const MIN_TIMEOUT_MS = 5_000
const MAX_TIMEOUT_MS = 60_000
const INTERVAL_MS = 5_000

export interface AdaptiveTimeoutInit {
  /** @default 5000 */
  minTimeoutMs?: number
  /** @default 60000 */
  maxTimeoutMs?: number
}

/**
 * The time-out of js-libp2p, shared by all requests of a kind. It is 1.2 times the
 * exponential moving average of how long these requests took. A request that was aborted
 * counts with twice its time.
 */
export class AdaptiveTimeout {
  readonly #minTimeoutMs: number
  readonly #maxTimeoutMs: number
  #averageMs = 0
  #updatedAtMs: number | undefined

  constructor ({ minTimeoutMs = MIN_TIMEOUT_MS, maxTimeoutMs = MAX_TIMEOUT_MS }: AdaptiveTimeoutInit = {}) {
    this.#minTimeoutMs = minTimeoutMs
    this.#maxTimeoutMs = maxTimeoutMs
  }

  /** Time limit of a request that starts now, ms */
  get timeoutMs (): number {
    return Math.min(Math.max(Math.round(this.#averageMs * TIMEOUT_MULTIPLIER), this.#minTimeoutMs), this.#maxTimeoutMs)
  }

  /**
   * A request is over
   *
   * @param aborted - Whether the request ran out of time or was cancelled. A failure that came by itself counts as a success.
   */
  ended (tookMs: number, aborted: boolean, now: number): void {
    const value = aborted ? tookMs * FAILURE_MULTIPLIER : tookMs

    if (this.#updatedAtMs === undefined) {
      this.#averageMs = value
    } else {
      const weight = 1 - Math.exp(-(now - this.#updatedAtMs) / INTERVAL_MS)

      this.#averageMs += weight * (value - this.#averageMs)
    }

    this.#updatedAtMs = now
  }
}
