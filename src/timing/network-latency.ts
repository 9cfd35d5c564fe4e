import type { ScoreParameters } from '../parameters/score-parameters.ts'

// so many answers give a steady mean, and a node that moves to another network
// has forgotten the old one after a few lookups
const WEIGHT_CAP = 100

// an answer that took longer than this many deviations above the mean counts as
// that long: a peer that takes seconds says nothing about the others
const OUTLIER_DEVIATIONS = 8

// the same for the set-up of a connection, whose deviation is not kept
const OUTLIER_SETUP = 4

/**
 * How fast peers answer in general: what is expected of one that never answered us.
 */
export class NetworkLatency {
  #meanMs: number
  #deviationMs: number
  #weight = 1
  #dialLatencyMs: number
  #dialSetupMs: number
  #dialWeight = 1

  /**
   * The assumptions count as the first answer.
   */
  constructor ({ initialLatencyMs, initialLatencyDeviationMs, initialDialRatio }: ScoreParameters) {
    this.#meanMs = initialLatencyMs
    this.#deviationMs = initialLatencyDeviationMs
    this.#dialLatencyMs = initialLatencyMs
    this.#dialSetupMs = initialLatencyMs * initialDialRatio
  }

  /** How far the mean may be from the truth, ms: a mean deviation at first, the less the more answers it stands for */
  get uncertaintyMs (): number {
    return this.#deviationMs / this.#weight
  }

  /** Running mean of all peers' latency, ms */
  get meanMs (): number {
    return this.#meanMs
  }

  /** Running mean deviation of all peers' latency, ms */
  get deviationMs (): number {
    return this.#deviationMs
  }

  /**
   * How many latencies it takes to dial. The quotient of two means, as single
   * quotients explode where a latency is tiny.
   */
  get dialRatio (): number {
    return this.#dialSetupMs / this.#dialLatencyMs
  }

  /** Count an answer's latency */
  record (latencyMs: number): void {
    this.#weight = Math.min(this.#weight + 1, WEIGHT_CAP)

    const error = this.#withoutOutlier(latencyMs) - this.#meanMs
    this.#meanMs += error / this.#weight
    this.#deviationMs += (Math.abs(error) - this.#deviationMs) / this.#weight
  }

  /** Count how long it took to dial a peer, ms, beside the latency of its answer */
  recordDial (setupMs: number, latencyMs: number): void {
    this.#dialWeight = Math.min(this.#dialWeight + 1, WEIGHT_CAP)

    this.#dialLatencyMs += (this.#withoutOutlier(latencyMs) - this.#dialLatencyMs) / this.#dialWeight
    this.#dialSetupMs += (Math.min(setupMs, OUTLIER_SETUP * Math.max(this.#dialSetupMs, this.#meanMs)) - this.#dialSetupMs) / this.#dialWeight
  }

  #withoutOutlier (latencyMs: number): number {
    // at least 1 ms, or a network without any deviation could never slow down
    return Math.min(latencyMs, this.#meanMs + OUTLIER_DEVIATIONS * Math.max(this.#deviationMs, 1))
  }
}
