import { NetworkLatency } from './network-latency.ts'
import type { PeerScore } from '../score/peer-score.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

// a soft deadline lies this many mean deviations above the mean, as in RFC 6298
const DEADLINE_DEVIATIONS = 4

// the deadline of a stranger's connection attempt lies this many mean deviations above
// the network's mean: latencies are log-normal, and 8 is about the 99.9th percentile, 4
// the 99th
const STRANGER_DEVIATIONS = 8

// nobody who is likely dead is waited for longer than most of the living need for a round
// trip: about the 80th percentile
const MOST_DEVIATIONS = 1

// how many times the time that follows from its round trip a request may take
const SLACK = 1.5

// clocks tick in ms, so a near peer's latency may have been measured as 0
const SHORTEST_WAIT_MS = 1

/**
 * How long an answer is expected to take, counted from the decision to ask
 */
export interface ExpectedWait {
  /** ms, at least 1 */
  meanMs: number
  /** Give up the slot after this time, ms */
  softDeadlineMs: number
}

type KnownLatency = Pick<PeerScore, 'latencyMs' | 'latencyDeviationMs'> | undefined

/**
 * How long to wait for a peer, by what its record and the network's latency tell. A record
 * is `undefined` for a peer that nobody met.
 */
export class ExpectedWaits {
  readonly network: NetworkLatency
  readonly #parameters: ScoreParameters

  constructor (parameters: ScoreParameters) {
    this.network = new NetworkLatency(parameters)
    this.#parameters = parameters
  }

  /**
   * How long to wait for a peer: by its own latency or, where it never answered, by
   * the network's, with the time that it takes to dial.
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
   * How long to wait for the first sign of life of a peer that is dialled, ms: a
   * round trip. A request to a silent peer need not wait for the whole soft deadline.
   *
   * @param isProbe - Whether the peer is unacceptable: likely dead, a stranger of that kind gets the time that most need, not nearly all
   */
  connectDeadlineMs (record: KnownLatency, isProbe: boolean): number {
    const isPatient = record?.latencyMs === undefined && !isProbe

    return this.#roundTripMs(record, isPatient ? STRANGER_DEVIATIONS : DEADLINE_DEVIATIONS)
  }

  /**
   * How long a probe of a peer holds a lookup's finish without a sign of life, ms: the
   * time in which most would have given one
   */
  probeHoldMs (record: KnownLatency): number {
    return this.#roundTripMs(record, MOST_DEVIATIONS)
  }

  /**
   * How long to wait for the answer of a peer that is dialled, ms from the decision
   * to ask, once the first round trip of the dial has taken `connectMs`. Who accepts a
   * connection may be nearer than who answers: a proxy, or a host at the edge of a
   * network. So the time is no shorter than the peer itself has needed before, or than
   * peers need in the mean, as far as that is known, where it never answered.
   */
  dialledDeadlineMs (record: KnownLatency, connectMs: number): number {
    const inferredMs = SLACK * connectMs * (1 + this.network.dialRatio)
    const floorMs = record?.latencyMs === undefined
      ? (this.network.meanMs + this.network.uncertaintyMs) * (1 + this.network.dialRatio)
      : this.expectedWait(record, false).softDeadlineMs

    return this.#withinBounds(Math.max(inferredMs, floorMs))
  }

  /** So many mean deviations above the mean of the peer, or of the network where it never answered */
  #roundTripMs (record: KnownLatency, deviations: number): number {
    const { meanMs, deviationMs } = this.#latencyOf(record)

    return this.#withinBounds(meanMs + deviations * deviationMs)
  }

  #withinBounds (deadlineMs: number): number {
    const { minSoftDeadlineMs, maxSoftDeadlineMs } = this.#parameters

    // a comparison with NaN is false, so NaN becomes the shortest
    return deadlineMs > minSoftDeadlineMs ? Math.min(deadlineMs, maxSoftDeadlineMs) : minSoftDeadlineMs
  }

  /** The peer's own latency, or the network's where it never answered */
  #latencyOf (record: KnownLatency): { meanMs: number, deviationMs: number } {
    return {
      meanMs: record?.latencyMs ?? this.network.meanMs,
      deviationMs: record?.latencyDeviationMs ?? this.network.deviationMs
    }
  }
}
