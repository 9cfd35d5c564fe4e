import { checkPeerScore } from '../score/check-peer-score.ts'
import { ExpectedWaits } from '../timing/expected-waits.ts'
import { explainScore } from '../score/explain-score.ts'
import { FailureTimes } from '../liveness/failure-times.ts'
import { OutageDetector, isExpectedToAnswer } from '../liveness/outage-detector.ts'
import { durationsOf, isAnswer, isSilence } from '../score/outcome-kinds.ts'
import { RecoveryWatch } from '../liveness/recovery-watch.ts'
import { classOfScore, countOutcome, countReferral, driftedReliability, replaceFailedReferral, replaceFailure, unmetPeer, usefulness } from '../score/score-formula.ts'
import { soundOutcome, withoutDurations } from '../score/sound-outcome.ts'
import type { ExpectedWait } from '../timing/expected-waits.ts'
import type { ExplainedScore } from '../score/explain-score.ts'
import type { Silence, SilenceVerdict } from '../liveness/outage-detector.ts'
import type { Outcome } from '../score/outcome.ts'
import type { PeerClass, PeerScore } from '../score/peer-score.ts'
import type { RequestFacts } from './request-facts.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

export interface PeerScoresInit<P> {
  /** Validated, see `validateScoreParameters` */
  parameters: ScoreParameters
  /** Told of each peer whose record changed, after it did; not of restored ones */
  onChange?: (peer: P) => void
  /** Told of each peer that was forgotten to stay within `maxPeers` */
  onEvict?: (peer: P) => void
  /**
   * Told of each outcome that counts, after it was counted. An outcome that may be due
   * to our own outage is told when that is decided, and never if it was one.
   */
  onOutcome?: (peer: P, outcome: Outcome, now: number) => void
}

/**
 * What we think of every peer that we had to do with. Times (`now`) are ms by a
 * clock that never goes back.
 *
 * Records are replaced, never changed, so one that was handed out stays as it was.
 */
export class PeerScores<P extends string | number> {
  readonly #parameters: ScoreParameters
  readonly #onChange: (peer: P) => void
  readonly #onEvict: (peer: P) => void
  readonly #onOutcome: (peer: P, outcome: Outcome, now: number) => void
  // in the order of their last change, the stalest first
  readonly #records = new Map<P, Readonly<PeerScore>>()
  // stays at the front, since what it yields is evicted: a new one each time would
  // first have to pass all places that were left
  #stalestFirst: Iterator<P, unknown> | undefined
  #changesSinceStalest = 0
  readonly #waits: ExpectedWaits
  readonly #outage: OutageDetector<P>
  readonly #recovery = new RecoveryWatch()
  readonly #failures = new FailureTimes<P>()
  #stoodStillUntil = -Infinity

  constructor ({ parameters, onChange = () => {}, onEvict = () => {}, onOutcome = () => {} }: PeerScoresInit<P>) {
    this.#parameters = parameters
    this.#onChange = onChange
    this.#onEvict = onEvict
    this.#onOutcome = onOutcome
    this.#waits = new ExpectedWaits(parameters)
    this.#outage = new OutageDetector({ peers: parameters.outagePeers, expectedPeers: limit => this.#expectedPeers(limit) })
  }

  /** How many peers are remembered */
  get size (): number {
    return this.#records.size
  }

  /** True while nobody answers at all, so that failures may be ours: they count for nothing until somebody does */
  get inOutage (): boolean {
    return this.#outage.inOutage
  }

  /** When peers that were unacceptable began to answer again, ms; `-Infinity` for never */
  get recoveredAt (): number {
    return this.#recovery.recoveredAt
  }

  /** The peer's record as of its last change */
  get (peer: P): Readonly<PeerScore> | undefined {
    return this.#records.get(peer)
  }

  /** Whether a peer is remembered */
  has (peer: P): boolean {
    return this.#records.has(peer)
  }

  /** All peers and their records, the stalest first */
  entries (): IterableIterator<[P, Readonly<PeerScore>]> {
    return this.#records.entries()
  }

  /** Forget a peer; false when it was not known */
  delete (peer: P): boolean {
    this.#outage.forget(peer)
    this.#failures.delete(peer)

    return this.#records.delete(peer)
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
      this.#waits.network.record(score.latencyMs)
    }

    this.#keep(peer, {
      ...score,
      // the caps may have been other ones when it was stored
      weight: Math.min(Math.max(score.weight, 1), weightCap),
      referralWeight: Math.min(Math.max(score.referralWeight, 1), referralWeightCap)
    })
  }

  /**
   * Count the outcome of an RPC or ping. Failures of one peer that were under way
   * together are one: a dial that many requests wait for, a connection that breaks. In our own outage, failures
   * to answer are held back, and dropped when it turns out to have been one.
   */
  record (peer: P, outcome: Outcome, now: number, { startedAt, referrer }: RequestFacts<P> = {}): void {
    const sound = this.#sound(peer, outcome, startedAt)

    if (isSilence(sound)) {
      this.#silence({ peer, outcome: sound, referrer, startedAt: startedAt ?? now, failedAt: now })
      return
    }

    this.#signOfLife(peer, sound, startedAt, now)

    if (isAnswer(sound)) {
      this.#count(peer, sound, referrer, now)
    } else {
      this.#penalise({ peer, outcome: sound, referrer, startedAt: startedAt ?? now, failedAt: now })
    }
  }

  /**
   * Count an outcome that came after `timedOut` or `dialFailed` had been recorded for the same
   * request: it replaces that penalty, the mean moves by the difference of the two
   * rewards over the weight. Where the penalty is not there any more (it was taken
   * back, or another outcome followed it) it counts like any other. A late failure
   * to answer adds nothing.
   */
  recordLate (peer: P, outcome: Outcome, now: number, { startedAt, referrer }: RequestFacts<P> = {}): void {
    if (isSilence(outcome)) {
      return
    }

    const sound = this.#sound(peer, outcome, startedAt)
    this.#signOfLife(peer, sound, startedAt, now)
    const before = this.#recordAt(peer, now)

    if (before.lastOutcome !== 'timedOut' && before.lastOutcome !== 'dialFailed') {
      this.#count(peer, sound, referrer, now)
      return
    }

    this.#noteRecovery(peer, true, now)
    this.#noteLatency(sound)
    this.#change(peer, replaceFailure(before, sound, this.#parameters))

    if (referrer !== undefined && isAnswer(sound)) {
      this.recordLateReferral(referrer, now)
    }

    this.#onOutcome(peer, sound, now)
  }

  /**
   * Take back the penalty of a request that was given up since, so that nobody will
   * ever know whether it would have been answered. Does nothing when the peer's record
   * has changed again.
   *
   * @param before - The record before the penalty, if there was one
   * @param after - The record with it
   */
  takeBack (peer: P, before: Readonly<PeerScore> | undefined, after: Readonly<PeerScore>): void {
    if (this.#records.get(peer) === after) {
      this.#failures.delete(peer)
      this.#change(peer, before ?? unmetPeer(after.updatedAt))
    }
  }

  /** A connection was lost, whoever closed it: that moves no score, but of many at once it tells of our own outage */
  connectionLost (peer: P, now: number): void {
    const record = this.#records.get(peer)

    if (record !== undefined) {
      this.#hold(this.#outage.connectionLost(peer, record, now))
    }
  }

  /** This process stood still until now, or gave up its requests: those under way count for nothing when they fail */
  interrupted (now: number): void {
    this.#stoodStillUntil = now
    this.#outage.interrupted(now)
  }

  /** Count whether a peer answered that `referrer` had named */
  recordReferral (referrer: P, answered: boolean, now: number): void {
    if (this.#outage.inOutage && !answered) {
      return
    }

    const before = this.#recordAt(referrer, now)

    if (!answered) {
      this.#outage.remember(referrer, before)
    }

    this.#change(referrer, countReferral(before, answered, this.#parameters))
  }

  /** A peer answered after `recordReferral` had counted it as one that does not: that is put right */
  recordLateReferral (referrer: P, now: number): void {
    this.#change(referrer, replaceFailedReferral(this.#recordAt(referrer, now)))
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

  /** Since when a connected peer has let all requests time out, ms; undefined when it has not */
  silentSince (peer: P): number | undefined {
    return this.#records.get(peer)?.lastOutcome === 'timedOut' ? this.#failures.first(peer) : undefined
  }

  /** Why a peer has the score that it has */
  explain (peer: P, now: number): ExplainedScore {
    return explainScore(this.#records.get(peer), now, this.#parameters)
  }

  /** How long to wait for the answer of a peer: see `ExpectedWaits`, as of the next three */
  expectedWait (peer: P, connected: boolean): ExpectedWait {
    return this.#waits.expectedWait(this.#records.get(peer), connected)
  }

  /** How long the first sign of life of a peer that is dialled may take, ms */
  connectDeadlineMs (peer: P, isProbe: boolean): number {
    return this.#waits.connectDeadlineMs(this.#records.get(peer), isProbe)
  }

  /** How long a probe holds the finish of a lookup unless it gives a sign of life, ms */
  probeHoldMs (peer: P): number {
    return this.#waits.probeHoldMs(this.#records.get(peer))
  }

  /** How long the answer may take in all once the first sign of life took `connectMs`, ms */
  dialledDeadlineMs (peer: P, connectMs: number): number {
    return this.#waits.dialledDeadlineMs(this.#records.get(peer), connectMs)
  }

  /**
   * The peer's record with the drift up to now folded into it, or that of a peer that nobody met
   */
  #recordAt (peer: P, now: number): PeerScore {
    const record = this.#records.get(peer)

    return record === undefined ? unmetPeer(now) : { ...record, reliability: driftedReliability(record, now, this.#parameters.recoveryHalfLifeMs), updatedAt: now }
  }

  #sound (peer: P, outcome: Outcome, startedAt = Infinity): Outcome {
    return startedAt < this.#stoodStillUntil ? withoutDurations(outcome, this.expectedWait(peer, true).meanMs) : soundOutcome(outcome)
  }

  /** An answer tells how fast the network is */
  #noteLatency (outcome: Outcome): void {
    if ((outcome.type !== 'responded' && outcome.type !== 'stored') || outcome.latencyMs === undefined) {
      return
    }

    this.#waits.network.record(outcome.latencyMs)

    if (outcome.dialled) {
      this.#waits.network.recordDial(outcome.setupMs, outcome.latencyMs)
    }
  }

  #silence (silence: Silence<P>): void {
    if (this.#failures.includes(silence)) {
      this.#refine(silence)
      return
    }

    const verdict = this.#outage.failed(silence, this.#recordAt(silence.peer, silence.failedAt))

    if (verdict.type === 'counts') {
      this.#penalise(silence)
    } else {
      this.#hold(verdict)
    }
  }

  #penalise (silence: Silence<P>): void {
    const { peer, outcome, referrer, failedAt } = silence

    if (!this.#failures.includes(silence)) {
      this.#failures.note(peer, failedAt, this.#records.get(peer)?.lastOutcome === 'timedOut' ? 'goesOn' : 'begins')
      this.#count(peer, outcome, referrer, failedAt)
    }
  }

  /** The same failure by another account: that something had come back is worth knowing */
  #refine ({ peer, outcome }: Silence<P>): void {
    const record = this.#records.get(peer)

    if (record?.lastOutcome === 'dialFailed' && outcome.type === 'timedOut') {
      this.#change(peer, { ...record, lastOutcome: 'timedOut' })
    }
  }

  #hold (verdict: SilenceVerdict<P>): void {
    for (const [peer, score] of verdict.type === 'held' ? verdict.takenBack : []) {
      this.#failures.delete(peer)
      this.#change(peer, score)
    }
  }

  /** Something came back: failures that were held back are counted if they were deserved */
  #signOfLife (peer: P, outcome: Outcome, startedAt: number | undefined, now: number): void {
    const own = durationsOf(outcome)
    const tookMs = startedAt === undefined ? own.tookMs : Math.max(0, now - startedAt)
    const { meanMs, softDeadlineMs } = this.expectedWait(peer, !own.dialled)
    // of one that is late only the last part of its way was the network's
    const requestedAt = now - (tookMs <= softDeadlineMs ? tookMs : Math.min(meanMs, tookMs))

    for (const silence of this.#outage.signOfLife(peer, requestedAt, now)) {
      this.#penalise(silence)
    }
  }

  /** An outcome moves the means of the peer and of who named it */
  #count (peer: P, outcome: Outcome, referrer: P | undefined, now: number): void {
    const before = this.#recordAt(peer, now)

    this.#noteRecovery(peer, isAnswer(outcome), now)
    this.#noteLatency(outcome)
    this.#change(peer, countOutcome(before, outcome, this.#parameters))

    if (referrer !== undefined) {
      this.recordReferral(referrer, isAnswer(outcome), now)
    }

    this.#onOutcome(peer, outcome, now)
  }

  #noteRecovery (peer: P, answered: boolean, now: number): void {
    if (this.#records.has(peer) && this.classOf(peer, now) === 'unacceptable') {
      this.#recovery.asked(answered, now)
    }
  }

  /** How many peers are expected to answer; no more are counted than the limit */
  #expectedPeers (limit: number): number {
    let count = 0

    for (const record of this.#records.values()) {
      if (isExpectedToAnswer(record) && ++count >= limit) {
        break
      }
    }

    return count
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
