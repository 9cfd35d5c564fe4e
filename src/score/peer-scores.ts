import { checkPeerScore } from './check-peer-score.ts'
import { classOfScore } from './class-of-score.ts'
import { driftedReliability } from './drifted-reliability.ts'
import { explainScore } from './explain-score.ts'
import { NetworkLatency } from './network-latency.ts'
import { OutageDetector } from './outage-detector.ts'
import { rewardOf } from './reward-of.ts'
import { usefulness } from './usefulness.ts'
import type { ScoreExplanation } from './explain-score.ts'
import type { Outcome } from './outcome.ts'
import type { PeerClass, PeerScore } from './peer-score.ts'
import type { ScoreParameters } from './score-parameters.ts'

// the gains of RFC 6298, after Jacobson and Karels
const LATENCY_GAIN = 1 / 8
const LATENCY_DEVIATION_GAIN = 1 / 4

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

export interface PeerScoresInit<P> {
  /** Validated, see `validateScoreParameters` */
  parameters: ScoreParameters
  /** Told of each peer whose record changed, after it did; not of restored ones */
  onChange?: (peer: P) => void
  /** Told of each peer that was forgotten to stay within `maxPeers` */
  onEvict?: (peer: P) => void
}

/**
 * How long an answer is expected to take, counted from the decision to ask
 */
export interface ExpectedWait {
  /** ms, at least 1 */
  meanMs: number
  /** Give up the slot after this time, ms */
  softDeadlineMs: number
}

/**
 * What we think of every peer that we had to do with. Times (`now`) are ms since the
 * epoch.
 *
 * Records are replaced, never changed, so one that was handed out stays as it was.
 */
export class PeerScores<P extends string | number> {
  readonly #parameters: ScoreParameters
  readonly #onChange: (peer: P) => void
  readonly #onEvict: (peer: P) => void
  // in the order of their last change, the stalest first
  readonly #records = new Map<P, Readonly<PeerScore>>()
  // stays at the front, since what it yields is evicted: a new one each time would
  // first have to pass all places that were left
  #stalestFirst: Iterator<P, unknown> | undefined
  #changesSinceStalest = 0
  readonly #network: NetworkLatency
  readonly #outage: OutageDetector<P>

  constructor ({ parameters, onChange = () => {}, onEvict = () => {} }: PeerScoresInit<P>) {
    this.#parameters = parameters
    this.#onChange = onChange
    this.#onEvict = onEvict
    this.#network = new NetworkLatency(parameters)
    this.#outage = new OutageDetector(parameters.outagePeers)
  }

  /** How many peers are remembered */
  get size (): number {
    return this.#records.size
  }

  /** True while nobody answers at all, so that failures are ours and count for nothing */
  get inOutage (): boolean {
    return this.#outage.inOutage
  }

  /** The peer's record as of its last change */
  get (peer: P): Readonly<PeerScore> | undefined {
    return this.#records.get(peer)
  }

  has (peer: P): boolean {
    return this.#records.has(peer)
  }

  /** All peers and their records, the stalest first */
  entries (): IterableIterator<[P, Readonly<PeerScore>]> {
    return this.#records.entries()
  }

  /**
   * Forget a peer.
   *
   * @returns False when it was not known
   */
  delete (peer: P): boolean {
    this.#outage.forget(peer)

    return this.#records.delete(peer)
  }

  /** Forget all peers; what is known of the network as a whole stays */
  clear (): void {
    for (const peer of [...this.#records.keys()]) {
      this.delete(peer)
    }
  }

  /**
   * Take a record from a store. Restore the stalest first, as beyond `maxPeers` the
   * first ones are forgotten. Its latency counts for the network's.
   *
   * @throws {RangeError} A field of the record is not a number or out of its range
   */
  restore (peer: P, score: Readonly<PeerScore>): void {
    checkPeerScore(score)
    const { weightCap, referralWeightCap } = this.#parameters

    if (score.latencyMs !== undefined) {
      this.#network.record(score.latencyMs)
    }

    this.#keep(peer, {
      ...score,
      // the caps may have been other ones when it was stored
      weight: Math.min(Math.max(score.weight, 1), weightCap),
      referralWeight: Math.min(Math.max(score.referralWeight, 1), referralWeightCap)
    })
  }

  /**
   * Count the outcome of an RPC or ping. In our own outage, failures to answer are
   * discarded; and the one that reveals it takes back those before it.
   */
  record (peer: P, outcome: Outcome, now: number): void {
    const before = this.#settled(peer, now)

    if (!isSilence(outcome)) {
      this.#outage.signOfLife()
    } else if (this.#outage.inOutage) {
      return
    } else {
      const takenBack = this.#outage.silence(peer, before)

      if (takenBack !== undefined) {
        this.#takeBack(takenBack)
        return
      }
    }

    const weight = Math.min(before.weight + 1, this.#parameters.weightCap)
    const reliability = before.reliability + (rewardOf(outcome, this.#parameters) - before.reliability) / weight

    this.#change(peer, this.#withLatency({ ...before, reliability, weight, lastOutcome: outcome.type }, outcome))
  }

  /**
   * Count an outcome that came after `timedOut` or `dialFailed` had been recorded for the same
   * request: it replaces that penalty, the mean moves by the difference of the two
   * rewards over the weight. Where the penalty is not there any more (it was taken
   * back, or another outcome followed it) it counts like any other. A late failure
   * to answer adds nothing.
   */
  recordLate (peer: P, outcome: Outcome, now: number): void {
    if (isSilence(outcome)) {
      return
    }

    const before = this.#settled(peer, now)

    if (before.lastOutcome !== 'timedOut' && before.lastOutcome !== 'dialFailed') {
      this.record(peer, outcome, now)
      return
    }

    this.#outage.signOfLife()
    const { timedOutReward, dialFailedReward } = this.#parameters
    const penalty = before.lastOutcome === 'timedOut' ? timedOutReward : dialFailedReward
    const correction = (rewardOf(outcome, this.#parameters) - penalty) / before.weight
    // the penalty may have drifted away in part, or be of a time with other parameters
    const reliability = Math.min(Math.max(before.reliability + correction, 0), 1)

    this.#change(peer, this.#withLatency({ ...before, reliability, lastOutcome: outcome.type }, outcome))
  }

  /**
   * Count whether a peer answered that `referrer` had named.
   */
  recordReferral (referrer: P, answered: boolean, now: number): void {
    if (this.#outage.inOutage && !answered) {
      return
    }

    const before = this.#settled(referrer, now)

    if (!answered) {
      this.#outage.remember(referrer, before)
    }

    const referralWeight = Math.min(before.referralWeight + 1, this.#parameters.referralWeightCap)
    const referral = before.referral + (Number(answered) - before.referral) / referralWeight

    this.#change(referrer, { ...before, referral, referralWeight })
  }

  /**
   * A peer that `referrer` had named answered after `recordReferral` had counted it
   * as one that does not: that is put right.
   */
  recordLateReferral (referrer: P, now: number): void {
    const before = this.#settled(referrer, now)

    this.#change(referrer, { ...before, referral: Math.min(before.referral + 1 / before.referralWeight, 1) })
  }

  /**
   * How useful a peer is, 0 to 1; 0.5 is neutral.
   *
   * @param referrer - Who named the peer: where the peers that it names do not answer, an unseen peer starts below neutral
   */
  score (peer: P, now: number, referrer?: P): number {
    const record = this.#records.get(peer)

    if (record === undefined) {
      const referral = referrer === undefined ? undefined : this.#records.get(referrer)?.referral

      return usefulness(0.5, referral ?? 0.5, this.#parameters)
    }

    return usefulness(driftedReliability(record, now, this.#parameters.recoveryHalfLifeMs), record.referral, this.#parameters)
  }

  /** The class of a peer's `score` */
  classOf (peer: P, now: number, referrer?: P): PeerClass {
    return classOfScore(this.score(peer, now, referrer), this.#parameters)
  }

  /** How many of the remembered peers are of each class. Looks at all of them. */
  counts (now: number): Record<PeerClass, number> {
    const counts = { good: 0, neutral: 0, unacceptable: 0 }

    for (const peer of this.#records.keys()) {
      counts[this.classOf(peer, now)]++
    }

    return counts
  }

  /** The `n` peers with the highest score, best first. Looks at all of them. */
  top (n: number, now: number): Array<{ peer: P, score: number }> {
    return Array.from(this.#records.keys(), peer => ({ peer, score: this.score(peer, now) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, n)
  }

  /** Why a peer has the score that it has */
  explain (peer: P, now: number): ScoreExplanation {
    return explainScore(this.#records.get(peer), now, this.#parameters)
  }

  /**
   * How long to wait for a peer: by its own latency or, where it never answered, by
   * the network's, with the time that it takes to dial.
   *
   * @param connected - True when there is a connection already
   */
  expectedWait (peer: P, connected: boolean): ExpectedWait {
    const record = this.#records.get(peer)
    const meanMs = record?.latencyMs ?? this.#network.meanMs
    const deviationMs = record?.latencyDeviationMs ?? this.#network.deviationMs
    const trips = 1 + (connected ? 0 : this.#network.dialRatio)
    const deadlineMs = (meanMs + DEADLINE_DEVIATIONS * deviationMs) * trips

    return { meanMs: Math.max(meanMs * trips, SHORTEST_WAIT_MS), softDeadlineMs: this.#withinBounds(deadlineMs) }
  }

  /**
   * How long to wait for the first sign of life of a peer that is dialled, ms: a
   * round trip. A request to a silent peer need not wait for the whole soft deadline.
   *
   * @param isProbe - Whether the peer is unacceptable: likely dead, a stranger of that kind gets the time that most need, not nearly all
   */
  connectDeadlineMs (peer: P, isProbe: boolean): number {
    const isPatient = this.#records.get(peer)?.latencyMs === undefined && !isProbe

    return this.#roundTripMs(peer, isPatient ? STRANGER_DEVIATIONS : DEADLINE_DEVIATIONS)
  }

  /**
   * How long a probe of a peer holds a lookup's finish without a sign of life, ms: the
   * time in which most would have given one
   */
  probeHoldMs (peer: P): number {
    return this.#roundTripMs(peer, MOST_DEVIATIONS)
  }

  /**
   * How long to wait for the answer of a peer that is dialled, ms from the decision
   * to ask, once the first round trip of the dial has taken `connectMs`
   */
  dialledDeadlineMs (connectMs: number): number {
    return this.#withinBounds(SLACK * connectMs * (1 + this.#network.dialRatio))
  }

  /** So many mean deviations above the mean of the peer, or of the network where it never answered */
  #roundTripMs (peer: P, deviations: number): number {
    const record = this.#records.get(peer)
    const meanMs = record?.latencyMs ?? this.#network.meanMs
    const deviationMs = record?.latencyDeviationMs ?? this.#network.deviationMs

    return this.#withinBounds(meanMs + deviations * deviationMs)
  }

  #withinBounds (deadlineMs: number): number {
    const { minSoftDeadlineMs, maxSoftDeadlineMs } = this.#parameters

    return Math.min(Math.max(deadlineMs, minSoftDeadlineMs), maxSoftDeadlineMs)
  }

  /**
   * The peer's record with the drift up to now folded into it, or that of a peer that nobody met
   */
  #settled (peer: P, now: number): PeerScore {
    const record = this.#records.get(peer)

    if (record === undefined) {
      return {
        reliability: 0.5,
        weight: 1,
        latencyMs: undefined,
        latencyDeviationMs: undefined,
        referral: 0.5,
        referralWeight: 1,
        lastOutcome: undefined,
        updatedAt: now
      }
    }

    return { ...record, reliability: driftedReliability(record, now, this.#parameters.recoveryHalfLifeMs), updatedAt: now }
  }

  /** A record that is not kept yet, with the latency of an answer counted in */
  #withLatency (score: PeerScore, outcome: Outcome): PeerScore {
    if ((outcome.type !== 'responded' && outcome.type !== 'stored') || outcome.latencyMs === undefined) {
      return score
    }

    this.#network.record(outcome.latencyMs)

    if (outcome.dialled) {
      this.#network.recordDial(outcome.setupMs, outcome.latencyMs)
    }

    const { latencyMs: meanMs, latencyDeviationMs: deviationMs } = score

    if (meanMs === undefined || deviationMs === undefined) {
      score.latencyMs = outcome.latencyMs
      score.latencyDeviationMs = outcome.latencyMs / 2
    } else {
      const error = outcome.latencyMs - meanMs

      score.latencyMs = meanMs + error * LATENCY_GAIN
      score.latencyDeviationMs = deviationMs + (Math.abs(error) - deviationMs) * LATENCY_DEVIATION_GAIN
    }

    return score
  }

  #takeBack (records: Map<P, Readonly<PeerScore>>): void {
    for (const [peer, score] of records) {
      this.#change(peer, score)
    }
  }

  #change (peer: P, score: Readonly<PeerScore>): void {
    this.#keep(peer, score)
    this.#onChange(peer)
  }

  #keep (peer: P, score: Readonly<PeerScore>): void {
    // so that it moves to the end
    this.#records.delete(peer)
    this.#records.set(peer, score)

    // an iterator that is not asked keeps all that the map has outgrown since
    if (++this.#changesSinceStalest > this.#records.size) {
      this.#stalestFirst = undefined
      this.#changesSinceStalest = 0
    }

    if (this.#records.size > this.#parameters.maxPeers) {
      this.#stalestFirst ??= this.#records.keys()
      const next = this.#stalestFirst.next()

      if (next.done !== true) {
        this.delete(next.value)
        this.#onEvict(next.value)
      }
    }
  }
}

/** An outcome that our own outage would have as well */
function isSilence ({ type }: Outcome): boolean {
  return type === 'timedOut' || type === 'dialFailed'
}
