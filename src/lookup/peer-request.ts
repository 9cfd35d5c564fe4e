import { SoftDeadline } from '../timing/soft-deadline.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { Outcome } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'

/**
 * What a `PeerRequest` is made of
 */
export interface PeerRequestInit<P extends string | number> {
  /** Who is asked */
  entry: KBucketEntry<P>
  /** Who named the peer. Whether the peer answers also counts for the referrer. */
  referrer?: P
  table: ScoredRoutingTable<P>
  /** When the request is made, ms */
  startedAt: number
  /** When the slot of the request is freed. A ping or a store has no slot. */
  softDeadline?: {
    /** Time for the answer, ms */
    deadlineMs: number
    /** Time for the first sign of life, ms; undefined where there is a connection */
    connectDeadlineMs: number | undefined
  }
}

/**
 * A fact for a request, with its time in ms
 */
export type RequestFact =
  /** The first bytes came back from a peer that is dialled */
  | { type: 'signOfLife', now: number }
  /** Our own limits keep the dial waiting */
  | { type: 'held', now: number }
  /** Our own limits no longer keep the dial waiting; there may be a connection by now */
  | { type: 'released', now: number, connected: boolean }
  /** The time of the last `setTimer` has come */
  | { type: 'timerFired', now: number }
  /** The hard deadline has passed, this many ms after the request was made, and the request is given up */
  | { type: 'timedOut', now: number, afterMs: number }
  /** The request ended with this outcome */
  | { type: 'settled', now: number, outcome: Outcome }
  /** We gave up the request before an answer came, so nobody will know how it would have ended */
  | { type: 'abandoned', now: number }

/**
 * A command of a request
 */
export type RequestCommand =
  /** Send `timerFired` at this time, ms. It replaces the timer before. */
  | { type: 'setTimer', atMs: number }
  | { type: 'clearTimer' }
  /** The slot of the request is free for another */
  | { type: 'late' }

type State =
  | { type: 'waiting', deadline: SoftDeadline | undefined }
  /** Nothing was sent yet, because of our own limits */
  | { type: 'held' }
  /** A deadline has passed, and that was counted; the peer's record before that and after it */
  | { type: 'late', before: Readonly<PeerScore> | undefined, after: Readonly<PeerScore> | undefined }
  /** The deadline is there until the lookup is told of the answer: its slot is not for ever */
  | { type: 'ended', deadline: SoftDeadline | undefined }

const CLEAR: RequestCommand = { type: 'clearTimer' }
const LATE: RequestCommand = { type: 'late' }

/**
 * One request as a state machine: a fact goes in, and a command may come out. The outcome
 * of the request is counted in the routing table, once. When the soft deadline passes, a
 * failure is recorded. After that only an answer counts, and it replaces the failure.
 */
export class PeerRequest<P extends string | number> {
  readonly #init: PeerRequestInit<P>
  #state: State

  constructor (init: PeerRequestInit<P>) {
    this.#init = init
    this.#state = { type: 'waiting', deadline: this.#deadline(init.startedAt) }
  }

  /** Whether a deadline has passed and the request has not ended */
  get isLate (): boolean {
    return this.#state.type === 'late'
  }

  /** Whether the outcome of the request is known */
  get isOver (): boolean {
    return this.#state.type === 'ended'
  }

  /** When the soft deadline passes, ms; a sign of life may move it. Undefined when the request has none, or none any more. */
  get deadlineAtMs (): number | undefined {
    return this.#state.type === 'waiting' || this.#state.type === 'ended' ? this.#state.deadline?.atMs : undefined
  }

  /**
   * Take in a fact and decide what follows from it
   */
  advance (fact: RequestFact): RequestCommand | undefined {
    switch (fact.type) {
      case 'signOfLife':
        return this.#signOfLife(fact.now)
      case 'held':
        return this.#hold()
      case 'released':
        return this.#release(fact.connected, fact.now)
      case 'timerFired':
        return this.#late(fact.now)
      case 'timedOut':
        return this.#timedOut(fact.afterMs, fact.now)
      case 'settled':
        return this.#settle(fact.outcome, fact.now)
      case 'abandoned':
        return this.#abandon()
      default:
        return fact satisfies never
    }
  }

  #deadline (startedAt: number, connected = false): SoftDeadline | undefined {
    const { softDeadline, table: { scores }, entry: { peer } } = this.#init

    if (softDeadline === undefined) {
      return undefined
    }

    return new SoftDeadline({
      startedAt,
      deadlineMs: softDeadline.deadlineMs,
      connectDeadlineMs: connected ? undefined : softDeadline.connectDeadlineMs,
      dialledDeadlineMs: connectMs => scores.dialledDeadlineMs(peer, connectMs)
    })
  }

  #signOfLife (now: number): RequestCommand | undefined {
    const deadline = this.#state.type === 'waiting' ? this.#state.deadline : undefined

    if (deadline === undefined) {
      return undefined
    }

    deadline.reached(now)

    return { type: 'setTimer', atMs: deadline.atMs }
  }

  #hold (): RequestCommand | undefined {
    if (this.#state.type !== 'waiting') {
      return undefined
    }

    this.#state = { type: 'held' }

    return CLEAR
  }

  /** The deadline begins anew: the peer is not to blame for the wait for our own limits */
  #release (connected: boolean, now: number): RequestCommand | undefined {
    if (this.#state.type !== 'held') {
      return undefined
    }

    const deadline = this.#deadline(now, connected)

    this.#state = { type: 'waiting', deadline }

    return deadline === undefined ? undefined : { type: 'setTimer', atMs: deadline.atMs }
  }

  #late (now: number): RequestCommand | undefined {
    if ((this.#state.type !== 'waiting' && this.#state.type !== 'ended') || this.#state.deadline === undefined) {
      return undefined
    }

    if (this.#state.type === 'ended') {
      this.#state = { type: 'ended', deadline: undefined }

      return LATE
    }

    const { afterMs, isReached } = this.#state.deadline

    this.#fail(afterMs, isReached, now)

    return LATE
  }

  #timedOut (afterMs: number, now: number): RequestCommand | undefined {
    if (this.#state.type === 'waiting') {
      this.#fail(afterMs, this.#state.deadline?.isReached ?? false, now)

      return CLEAR
    }

    return undefined
  }

  /** Record the failure: nothing, or nothing more than a sign of life, has come back in time */
  #fail (afterMs: number, isReached: boolean, now: number): void {
    const { table, entry } = this.#init
    const before = table.scores.get(entry.peer)

    table.record(entry, isReached ? { type: 'timedOut', afterMs } : { type: 'dialFailed', class: 'timeout' }, now, this.#init)
    this.#state = { type: 'late', before, after: table.scores.get(entry.peer) }
  }

  #settle (outcome: Outcome, now: number): RequestCommand | undefined {
    const { table, entry } = this.#init
    const state = this.#state
    const { type } = state

    if (type === 'late') {
      table.recordLate(entry, outcome, now, this.#init)
    } else if (type !== 'ended') {
      table.record(entry, outcome, now, this.#init)
    }

    this.#state = { type: 'ended', deadline: type === 'waiting' || type === 'ended' ? state.deadline : undefined }

    return undefined
  }

  /** The failure that was recorded when a deadline passed is taken back */
  #abandon (): RequestCommand | undefined {
    const { table, entry } = this.#init
    const state = this.#state

    this.#state = { type: 'ended', deadline: undefined }

    // the failure may have been counted with that of another request to the peer, or not be counted yet
    if (state.type === 'late' && state.after !== undefined && state.after !== state.before) {
      table.scores.takeBack(entry.peer, state.before, state.after)
    }

    return state.type === 'waiting' ? CLEAR : undefined
  }
}
