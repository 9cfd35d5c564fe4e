import { SoftDeadline } from '../timing/soft-deadline.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { Outcome } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'

/**
 * What the machine of a request is made of
 */
export interface PeerRequestInit<P extends string | number> {
  /** Who is asked */
  entry: KBucketEntry<P>
  /** Who named the peer: whether it answers counts for the referrer too */
  referrer?: P
  table: ScoredRoutingTable<P>
  /** When it is made, ms */
  startedAt: number
  /** When its slot is freed; a ping or a store has none */
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
  /** The first thing came back from a peer that is dialled */
  | { type: 'signOfLife', now: number }
  /** Our own limits keep the dial waiting */
  | { type: 'held', now: number }
  /** They no longer do */
  | { type: 'released', now: number, connected: boolean }
  /** The time of the last `setTimer` has come */
  | { type: 'timerFired', now: number }
  /** Its hard deadline has passed, so many ms after it was made: it is given up */
  | { type: 'timedOut', now: number, afterMs: number }
  /** It ended so */
  | { type: 'settled', now: number, outcome: Outcome }
  /** We gave it up before it was answered, so that nobody will know how it would have ended */
  | { type: 'abandoned', now: number }

/**
 * A command of a request
 */
export type RequestCommand =
  /** Send `timerFired` at this time; replaces the timer before */
  | { type: 'setTimer', atMs: number }
  | { type: 'clearTimer' }
  /** Its slot is free for another */
  | { type: 'late' }

type State =
  | { type: 'waiting', deadline: SoftDeadline | undefined }
  /** Nothing was sent yet, and that is our doing */
  | { type: 'held' }
  /** Its soft deadline has passed; the peer's record before and after that was counted */
  | { type: 'late', before: Readonly<PeerScore> | undefined, after: Readonly<PeerScore> | undefined }
  /** The deadline is there until the lookup is told of the answer: its slot is not for ever */
  | { type: 'ended', deadline: SoftDeadline | undefined }

const CLEAR: RequestCommand = { type: 'clearTimer' }
const LATE: RequestCommand = { type: 'late' }

/**
 * One request as a state machine: a fact goes in, a command may come out, and what becomes of the
 * request is counted in the table. A request gives one outcome. When its soft deadline
 * passes that is a failure, recorded then; after it only an answer counts, and
 * replaces the failure.
 */
export class PeerRequest<P extends string | number> {
  readonly #init: PeerRequestInit<P>
  #state: State

  constructor (init: PeerRequestInit<P>) {
    this.#init = init
    this.#state = { type: 'waiting', deadline: this.#deadline(init.startedAt) }
  }

  /** Its soft deadline has passed and it has not ended */
  get isLate (): boolean {
    return this.#state.type === 'late'
  }

  /** What becomes of it is known */
  get isOver (): boolean {
    return this.#state.type === 'ended'
  }

  /** When its soft deadline passes, ms, as far as is known by now; undefined when it has none any more */
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

  #deadline (from: number, connected = false): SoftDeadline | undefined {
    const { softDeadline, table: { scores }, entry: { peer } } = this.#init

    return softDeadline === undefined
      ? undefined
      : new SoftDeadline({ ...softDeadline, ...(connected ? { connectDeadlineMs: undefined } : {}), startedAt: from, dialledDeadlineMs: connectMs => scores.dialledDeadlineMs(peer, connectMs) })
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

  /** That it had to wait for our own limits is not its doing */
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

  /** Nothing, or nothing more than a sign of life, has come back in time */
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

  /** What was recorded at its soft deadline is taken back */
  #abandon (): RequestCommand | undefined {
    const { table, entry } = this.#init
    const state = this.#state

    this.#state = { type: 'ended', deadline: undefined }

    // its failure may have been another's, or not have been counted yet
    if (state.type === 'late' && state.after !== undefined && state.after !== state.before) {
      table.scores.takeBack(entry.peer, state.before, state.after)
    }

    return state.type === 'waiting' ? CLEAR : undefined
  }
}
