import type { ScoreParameters } from '../parameters/score-parameters.ts'

// the mean spans this many answers. It is steady, and yet a node that moves to another
// network has forgotten the old one after a few lookups.
const WEIGHT_CAP = 100

// an answer counts as at most this many deviations above the mean: a peer that takes
// seconds says nothing about the others
const OUTLIER_DEVIATIONS = 8

// the set-up of a connection counts as at most this many times the mean; its deviation is not kept
const OUTLIER_SETUP = 4

/**
 * How fast peers answer in general. A peer that never answered us is expected to do so too.
 */
export class NetworkLatency {
  #meanMs: number
  #deviationMs: number
  #weight = 1
  #dialLatencyMs: number
  #dialSetupMs: number
  #dialWeight = 1

  /**
   * What is assumed of the network counts as its first answer.
   */
  constructor ({ initialLatencyMs, initialLatencyDeviationMs, initialDialRatio }: ScoreParameters) {
    this.#meanMs = initialLatencyMs
    this.#deviationMs = initialLatencyDeviationMs
    this.#dialLatencyMs = initialLatencyMs
    this.#dialSetupMs = initialLatencyMs * initialDialRatio
  }

  /** How far the mean may be from the truth, ms: a mean deviation at first, and less with each answer */
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
   * How many latencies it takes to dial. This is the quotient of two means, since the quotient
   * of a single answer explodes where its latency is tiny.
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

  /** Count how long a dial took, ms, and the latency of the answer that followed */
  recordDial (setupMs: number, latencyMs: number): void {
    this.#dialWeight = Math.min(this.#dialWeight + 1, WEIGHT_CAP)

    this.#dialLatencyMs += (this.#withoutOutlier(latencyMs) - this.#dialLatencyMs) / this.#dialWeight
    this.#dialSetupMs += (Math.min(setupMs, OUTLIER_SETUP * Math.max(this.#dialSetupMs, this.#meanMs)) - this.#dialSetupMs) / this.#dialWeight
  }

  #withoutOutlier (latencyMs: number): number {
    // without a deviation of at least 1 ms, the mean of a steady network could never rise
    return Math.min(latencyMs, this.#meanMs + OUTLIER_DEVIATIONS * Math.max(this.#deviationMs, 1))
  }
}
