import { checkPeerScore } from '../score/check-peer-score.ts'
import { ExpectedWaits } from '../timing/expected-waits.ts'
import { explainScore } from '../score/explain-score.ts'
import { FailureTimes } from '../liveness/failure-times.ts'
import { highestScores } from './highest-scores.ts'
import { OutageDetector, isExpectedToAnswer } from '../liveness/outage-detector.ts'
import { durationsOf, isAnswer, isSilence } from '../score/outcome-kinds.ts'
import { RecordsByChange } from './records-by-change.ts'
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
  /** Called after the record of a peer changed, but not for restored peers */
  onChange?: (peer: P) => void
  /** Called for each peer that was forgotten to stay within `maxPeers` */
  onEvict?: (peer: P) => void
  /**
   * Called for each outcome that counts, after it was counted. For an outcome that may be
   * due to our own outage, the call comes when that is decided, or never if it was due to one.
   *
   * @param context.before - The record without this outcome; undefined when there was none
   * @param context.isLate - Whether this is a late answer, which takes the place of the failure that was counted last
   */
  onOutcome?: (peer: P, outcome: Outcome, now: number, context: { before: Readonly<PeerScore> | undefined, isLate: boolean }) => void
  /** Called for each peer whose last failure is taken back */
  onTakenBack?: (peer: P) => void
}

/**
 * The scores of all peers that we have asked, pinged or been named by. Times (`now`) are
 * ms by a clock that never goes back.
 *
 * A record is never changed, but replaced by a new one. So a record that a caller has stays
 * as it was.
 */
export class PeerScores<P extends string | number> {
  readonly #parameters: ScoreParameters
  readonly #onChange: (peer: P) => void
  readonly #onEvict: (peer: P) => void
  readonly #onOutcome: NonNullable<PeerScoresInit<P>['onOutcome']>
  readonly #onTakenBack: (peer: P) => void
  readonly #records = new RecordsByChange<P, Readonly<PeerScore>>()
  readonly #waits: ExpectedWaits
  readonly #outage: OutageDetector<P>
  readonly #recovery = new RecoveryWatch()
  readonly #failures = new FailureTimes<P>()
  #stoodStillUntil = -Infinity

  constructor ({ parameters, onChange = () => {}, onEvict = () => {}, onOutcome = () => {}, onTakenBack = () => {} }: PeerScoresInit<P>) {
    this.#parameters = parameters
    this.#onChange = onChange
    this.#onEvict = onEvict
    this.#onOutcome = onOutcome
    this.#onTakenBack = onTakenBack
    this.#waits = new ExpectedWaits(parameters)
    this.#outage = new OutageDetector({ peers: parameters.outagePeers, expectedPeers: limit => this.#expectedPeers(limit) })
  }

  /** How many peers are remembered */
  get size (): number {
    return this.#records.size
  }

  /** True while nobody answers, so that the failures may be our own. They do not count until somebody answers. */
  get inOutage (): boolean {
    return this.#outage.inOutage
  }

  /** When unacceptable peers began to answer again, ms; `-Infinity` when they never did */
  get recoveredAt (): number {
    return this.#recovery.recoveredAt
  }

  /** The record of a peer as of its last change; undefined when the peer is not known */
  get (peer: P): Readonly<PeerScore> | undefined {
    return this.#records.get(peer)
  }

  /** Whether a peer is remembered */
  has (peer: P): boolean {
    return this.#records.has(peer)
  }

  /** All peers and their records, the one that changed longest ago first */
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
   * Take in a record from a store. Restore the records in the order of their last change,
   * the oldest first: beyond `maxPeers`, those that were restored first are forgotten. The
   * latency of the record also counts for the latency of the network.
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
      // the caps may have been others when the record was stored
      weight: Math.min(Math.max(score.weight, 1), weightCap),
      referralWeight: Math.min(Math.max(score.referralWeight, 1), referralWeightCap)
    })
  }

  /**
   * Count the outcome of an RPC or a ping. Requests to one peer that were under way at the
   * same time and failed count as one failure. They may have waited for the same dial, or lost the same
   * connection. A silence that may be due to our own outage is held back, and dropped if it was.
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
   * Count an outcome that came after `timedOut` or `dialFailed` had been recorded for the
   * same request. The outcome replaces that penalty: the mean moves by the difference of
   * the two rewards, divided by the weight. If the penalty was taken back, or another
   * outcome followed it, the late outcome counts like any other. A late silence changes
   * nothing.
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

    this.#onOutcome(peer, sound, now, { before, isLate: true })
  }

  /**
   * Take back the penalty of a request that we have given up since, because nobody will
   * know whether it would have been answered. Does nothing when the record of the peer has
   * changed again.
   *
   * @param before - The record before the penalty, if there was one
   * @param after - The record with it
   */
  takeBack (peer: P, before: Readonly<PeerScore> | undefined, after: Readonly<PeerScore>): void {
    if (this.#records.get(peer) === after) {
      this.#undo(peer, before ?? unmetPeer(after.updatedAt))
    }
  }

  /** A connection was lost, whoever closed it. This moves no score, but many losses at once are a sign of our own outage. */
  connectionLost (peer: P, now: number): void {
    const record = this.#records.get(peer)

    if (record !== undefined) {
      this.#hold(this.#outage.connectionLost(peer, record, now))
    }
  }

  /** This process stood still until now, or gave up its requests. Requests that are under way do not count if they fail. */
  interrupted (now: number): void {
    this.#stoodStillUntil = now
    this.#outage.interrupted(now)
  }

  /** Count whether a peer that `referrer` named has answered */
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

  /** Correct a referral: the peer answered after `recordReferral` had counted it as one that does not */
  recordLateReferral (referrer: P, now: number): void {
    this.#change(referrer, replaceFailedReferral(this.#recordAt(referrer, now)))
  }

  /**
   * How useful a peer is, 0 to 1; 0.5 is neutral.
   *
   * @param referrer - Who named the peer. If the peers that the referrer names do not answer, a peer without a record starts below neutral.
   */
  score (peer: P, now: number, referrer?: P): number {
    const record = this.#records.get(peer)

    if (record === undefined) {
      const referral = referrer === undefined ? undefined : this.#records.get(referrer)?.referral

      return usefulness(0.5, referral ?? 0.5, this.#parameters)
    }

    return this.#scoreOf(record, now)
  }

  /** The class of a peer's `score` */
  classOf (peer: P, now: number, referrer?: P): PeerClass {
    return classOfScore(this.score(peer, now, referrer), this.#parameters)
  }

  /** How many peers with a record are of each class. Looks at all records. */
  counts (now: number): Record<PeerClass, number> {
    const counts = { good: 0, neutral: 0, unacceptable: 0 }

    for (const record of this.#records.values()) {
      counts[classOfScore(this.#scoreOf(record, now), this.#parameters)]++
    }

    return counts
  }

  /** The `n` peers with the highest score, best first; of those with the same score, the one that changed longest ago first. Looks at all records. */
  top (n: number, now: number): Array<{ peer: P, score: number }> {
    return highestScores(this.#records.entries(), n, record => this.#scoreOf(record, now))
  }

  /** When the first of the requests that a peer let time out in a row failed, ms; undefined when its last request did not time out */
  silentSince (peer: P): number | undefined {
    return this.#records.get(peer)?.lastOutcome === 'timedOut' ? this.#failures.first(peer) : undefined
  }

  /** Why a peer has the score that it has */
  explain (peer: P, now: number): ExplainedScore {
    return explainScore(this.#records.get(peer), now, this.#parameters)
  }

  /** How long an answer of a peer takes on average, and how long to wait for it before the slot is freed */
  expectedWait (peer: P, connected: boolean): ExpectedWait {
    return this.#waits.expectedWait(this.#records.get(peer), connected)
  }

  /** How long the first sign of life of a peer that is dialled may take, ms */
  connectDeadlineMs (peer: P, isProbe: boolean): number {
    return this.#waits.connectDeadlineMs(this.#records.get(peer), isProbe)
  }

  /** How long a lookup waits for the first sign of life of a probe before it ends, ms */
  probeHoldMs (peer: P): number {
    return this.#waits.probeHoldMs(this.#records.get(peer))
  }

  /** How long an answer may take in all, dial included, when the first sign of life came after `connectMs`, ms */
  dialledDeadlineMs (peer: P, connectMs: number): number {
    return this.#waits.dialledDeadlineMs(this.#records.get(peer), connectMs)
  }

  /**
   * The record of a peer with the drift up to now worked into it, or a neutral one if there is none
   */
  #recordAt (peer: P, now: number): PeerScore {
    const record = this.#records.get(peer)

    return record === undefined ? unmetPeer(now) : { ...record, reliability: driftedReliability(record, now, this.#parameters.recoveryHalfLifeMs), updatedAt: now }
  }

  #scoreOf (record: Readonly<PeerScore>, now: number): number {
    return usefulness(driftedReliability(record, now, this.#parameters.recoveryHalfLifeMs), record.referral, this.#parameters)
  }

  #sound (peer: P, outcome: Outcome, startedAt = Infinity): Outcome {
    return startedAt < this.#stoodStillUntil ? withoutDurations(outcome, this.expectedWait(peer, true).meanMs) : soundOutcome(outcome)
  }

  /** The latency of an answer also counts for the latency of the network */
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

  /** Another request reports a failure that was counted before. If something had come back to it, the failure was no failed dial. */
  #refine ({ peer, outcome }: Silence<P>): void {
    const record = this.#records.get(peer)

    if (record?.lastOutcome === 'dialFailed' && outcome.type === 'timedOut') {
      this.#change(peer, { ...record, lastOutcome: 'timedOut' })
    }
  }

  #hold (verdict: SilenceVerdict<P>): void {
    for (const [peer, score] of verdict.type === 'held' ? verdict.takenBack : []) {
      this.#undo(peer, score)
    }
  }

  #undo (peer: P, before: Readonly<PeerScore>): void {
    this.#failures.delete(peer)
    this.#change(peer, before)
    this.#onTakenBack(peer)
  }

  /** Something came back, so our network works. Failures that were held back are counted unless they were due to an outage. */
  #signOfLife (peer: P, outcome: Outcome, startedAt: number | undefined, now: number): void {
    const own = durationsOf(outcome)
    const tookMs = startedAt === undefined ? own.tookMs : Math.max(0, now - startedAt)
    const { meanMs, softDeadlineMs } = this.expectedWait(peer, !own.dialled)
    // a late answer spent only the last part of this time in the network
    const requestedAt = now - (tookMs <= softDeadlineMs ? tookMs : Math.min(meanMs, tookMs))

    for (const silence of this.#outage.signOfLife(peer, requestedAt, now)) {
      this.#penalise(silence)
    }
  }

  /** An outcome moves the means of the peer and of who named it */
  #count (peer: P, outcome: Outcome, referrer: P | undefined, now: number): void {
    const before = this.#records.get(peer)

    this.#noteRecovery(peer, isAnswer(outcome), now)
    this.#noteLatency(outcome)
    this.#change(peer, countOutcome(this.#recordAt(peer, now), outcome, this.#parameters))

    if (referrer !== undefined) {
      this.recordReferral(referrer, isAnswer(outcome), now)
    }

    this.#onOutcome(peer, outcome, now, { before, isLate: false })
  }

  #noteRecovery (peer: P, answered: boolean, now: number): void {
    if (this.#records.has(peer) && this.classOf(peer, now) === 'unacceptable') {
      this.#recovery.asked(answered, now)
    }
  }

  /** How many peers are expected to answer; the count stops at `limit` */
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
    this.#records.set(peer, score)

    const stalest = this.#records.size > this.#parameters.maxPeers ? this.#records.stalest() : undefined

    if (stalest !== undefined) {
      this.delete(stalest)
      this.#onEvict(stalest)
    }
  }
}
