import { NetworkLatency } from './network-latency.ts'
import type { PeerScore } from '../score/peer-score.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

// a soft deadline lies this many mean deviations above the mean, as in RFC 6298
const DEADLINE_DEVIATIONS = 4

// the first sign of life of a stranger may take this many mean deviations above the
// network's mean. Latencies are log-normal: 8 is about the 99.9th percentile, 4 the 99th.
const STRANGER_DEVIATIONS = 8

// a peer that is likely dead gets the time that most of the living need for a round trip:
// about the 80th percentile
const MOST_DEVIATIONS = 1

// a request may take this many times as long as its round trip suggests
const SLACK = 1.5

// clocks tick in ms, so the latency of a near peer may be 0
const SHORTEST_WAIT_MS = 1

/**
 * How long an answer is expected to take, from the decision to ask on
 */
export interface ExpectedWait {
  /** ms, at least 1 */
  meanMs: number
  /** The slot is freed after this time, ms */
  softDeadlineMs: number
}

type KnownLatency = Pick<PeerScore, 'latencyMs' | 'latencyDeviationMs'> | undefined

/**
 * How long to wait for a peer. Its own record tells or, where it never answered, the latency
 * of the network. The record of a peer that nobody met is `undefined`.
 */
export class ExpectedWaits {
  readonly network: NetworkLatency
  readonly #parameters: ScoreParameters

  constructor (parameters: ScoreParameters) {
    this.network = new NetworkLatency(parameters)
    this.#parameters = parameters
  }

  /**
   * How long to wait for an answer. The time to dial is included where there is no connection.
   *
   * @param connected - True when there is a connection already
   */
  expectedWait (record: KnownLatency, connected: boolean): ExpectedWait {
    const { meanMs, deviationMs } = this.#latencyOf(record)
    const trips = 1 + (connected ? 0 : this.network.dialRatio)
    const deadlineMs = (meanMs + DEADLINE_DEVIATIONS * deviationMs) * trips

    return { meanMs: Math.max(meanMs * trips, SHORTEST_WAIT_MS), softDeadlineMs: this.#withinBounds(deadlineMs) }
  }

  /**
   * How long to wait for the first sign of life of a peer that is dialled, ms: a round
   * trip. A peer that is silent for so long need not be waited for until its soft deadline.
   *
   * @param isProbe - Whether the peer is unacceptable. It is likely dead then, so a stranger gets less time.
   */
  connectDeadlineMs (record: KnownLatency, isProbe: boolean): number {
    const isPatient = record?.latencyMs === undefined && !isProbe

    return this.#roundTripMs(record, isPatient ? STRANGER_DEVIATIONS : DEADLINE_DEVIATIONS)
  }

  /**
   * How long a probe without a sign of life holds the end of a lookup, ms. Most living peers
   * have shown one by then.
   */
  probeHoldMs (record: KnownLatency): number {
    return this.#roundTripMs(record, MOST_DEVIATIONS)
  }

  /**
   * How long to wait for the answer of a peer that is dialled, ms from the decision to ask,
   * when its first sign of life took `connectMs`. That sign may come from a proxy that is
   * nearer than the peer. So the time is no shorter than the peer has needed before or, where
   * it never answered, than peers need in the mean.
   */
  dialledDeadlineMs (record: KnownLatency, connectMs: number): number {
    const inferredMs = SLACK * connectMs * (1 + this.network.dialRatio)
    const floorMs = record?.latencyMs === undefined
      ? (this.network.meanMs + this.network.uncertaintyMs) * (1 + this.network.dialRatio)
      : this.expectedWait(record, false).softDeadlineMs

    return this.#withinBounds(Math.max(inferredMs, floorMs))
  }

  /** The mean latency and this many mean deviations */
  #roundTripMs (record: KnownLatency, deviations: number): number {
    const { meanMs, deviationMs } = this.#latencyOf(record)

    return this.#withinBounds(meanMs + deviations * deviationMs)
  }

  #withinBounds (deadlineMs: number): number {
    const { minSoftDeadlineMs, maxSoftDeadlineMs } = this.#parameters

    // a comparison with NaN is false, so NaN becomes the shortest deadline
    return deadlineMs > minSoftDeadlineMs ? Math.min(deadlineMs, maxSoftDeadlineMs) : minSoftDeadlineMs
  }

  /** The peer's own latency or, where it never answered, the network's */
  #latencyOf (record: KnownLatency): { meanMs: number, deviationMs: number } {
    return {
      meanMs: record?.latencyMs ?? this.network.meanMs,
      deviationMs: record?.latencyDeviationMs ?? this.network.deviationMs
    }
  }
}
