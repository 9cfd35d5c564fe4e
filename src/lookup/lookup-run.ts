import { believedNames } from './believed-names.ts'
import { Lookup } from './lookup.ts'
import { PeerRequest } from './peer-request.ts'
import type { BackgroundRequests } from './background-requests.ts'
import type { LookupPeer } from './candidate-list.ts'
import type { LookupEvent } from './lookup-event.ts'
import type { FinishReason, LookupAction, LookupInit } from './lookup.ts'
import type { LateAnswers, LateStage } from '../liveness/late-answers.ts'
import type { RequestFact } from './peer-request.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { Outcome } from '../score/outcome.ts'

/** The dial priority of a neutral peer, which is also libp2p's default */
const DIAL_PRIORITY = 50
/** The difference of the dial priorities of the best and the worst peer */
const DIAL_PRIORITY_SPAN = 50

export interface LookupRunInit<P extends string | number> {
  lookup: LookupInit<P>
  table: ScoredRoutingTable<P>
  /** The requests of all lookups that run on when their lookup is over */
  background: BackgroundRequests<P>
  /** Learns what becomes of late requests */
  lateAnswers: LateAnswers
  /** Called once, as soon as the lookup has ended, at `now` ms. The caller of the lookup may hear of it later. */
  onEnd: (lookup: Lookup<P>, reason: FinishReason, now: number) => void
  /** Called for every fact that the lookup takes in, with what the lookup decides; it must not throw */
  onStep?: (event: LookupEvent<P>, actions: Array<LookupAction<P>>) => void
}

/** Whom the lookup wants to ask, and how */
export type LookupQuery<P> = LookupAction<P> & { type: 'query' }

/**
 * A fact for a lookup or for one of its requests, with its time in ms
 */
export type LookupFact<P> =
  /** Begin */
  | { type: 'started', now: number }
  /** A peer is being asked, as `ask` said. `connected`: there was a connection already, so that no dial is needed. */
  | { type: 'asked', now: number, peer: P, connected: boolean }
  /** The first bytes came back from an asked peer that is dialled */
  | { type: 'signOfLife', now: number, peer: P }
  /** A connection to an asked peer stands */
  | { type: 'connected', now: number, peer: P }
  /** Our own limits keep the dial of an asked peer waiting */
  | { type: 'held', now: number, peer: P }
  /** They no longer do; there may be a connection by now */
  | { type: 'released', now: number, peer: P, connected: boolean }
  /** The outcome of a request is known, to be counted. This may come before `responded` or `failed`, or after it. */
  | { type: 'settled', now: number, peer: P, outcome: Outcome }
  /** The hard deadline of a request has passed, this long after the question, and the runner gives up the request */
  | { type: 'timedOut', now: number, peer: P, afterMs: number }
  /** An asked peer has answered; `closer`: the peers that it named */
  | { type: 'responded', now: number, peer: P, closer: Array<LookupPeer<P>> }
  /** An asked peer will not answer */
  | { type: 'failed', now: number, peer: P }
  /** Whether an `unchecked` peer can be dialled is now known */
  | { type: 'checked', now: number, peer: P, dialable: boolean }
  /** The time of the last `setTimer` with this peer has come. Without a peer it is the timer of the lookup itself. */
  | { type: 'timerFired', now: number, peer?: P }
  /** The operation has what it wanted */
  | { type: 'satisfied', now: number }
  /** The operation is no longer wanted */
  | { type: 'cancelled', now: number }

/**
 * A command of a lookup or of one of its requests. The commands are to be carried out in the order given.
 */
export type LookupCommand<P> =
  /** Ask a peer. `asked` has to follow at once, and `timedOut` after `query.hardDeadlineMs`, unless `responded` or `failed` comes before. */
  | { type: 'ask', peer: P, query: LookupQuery<P>, dialPriority: number }
  /** Give up a request. No more facts of it are expected. */
  | { type: 'abort', peer: P }
  /** Send `timerFired` at this time, ms. This replaces the timer of the same peer, or that of the lookup where no peer is given. */
  | { type: 'setTimer', atMs: number, peer?: P }
  | { type: 'clearTimer', peer: P }
  | { type: 'finish', closest: P[], reason: FinishReason }

interface Asked<P extends string | number> {
  isProbe: boolean
  /** Whether the lookup knows that the peer has answered, or that it will not */
  isAnswered: boolean
  request: PeerRequest<P>
  /** Whether the last dial of the peer failed */
  wasUnreachable: boolean
  stage: LateStage
  /** Since when it is late, or has come to this stage after that, ms; undefined when it is not late */
  lateSinceMs: number | undefined
}

/**
 * A lookup and its requests as one state machine. It runs on a live node and in the
 * simulator. The outcome of each request is counted in the routing table.
 */
export class LookupRun<P extends string | number> {
  readonly #init: LookupRunInit<P>
  readonly #lookup: Lookup<P>
  /** Requests that are under way. One is over when its outcome was counted and the lookup knows of its end, in either order. */
  readonly #asked = new Map<P, Asked<P>>()
  /** Peers for which `ask` was given out and `asked` has not come yet */
  readonly #toBeAsked = new Map<P, LookupQuery<P>>()
  /** Who named a peer first */
  readonly #referrers = new Map<P, P>()
  #queries = 0
  #isOver = false

  constructor (init: LookupRunInit<P>) {
    this.#init = init
    this.#lookup = new Lookup(init.lookup)
  }

  /** Requests made so far */
  get queries (): number {
    return this.#queries
  }

  /** The closest peers that have answered so far, at most k, ascending distance */
  get closest (): P[] {
    return this.#lookup.closest
  }

  /** Whether a peer is new to the lookup */
  isNews (peer: P): boolean {
    return this.#lookup.stateOf(peer) === undefined
  }

  /** Whether a peer was asked and is late. Another lookup of the same search need not wait for it again. */
  isLate (peer: P): boolean {
    return this.#lookup.stateOf(peer)?.type === 'late'
  }

  /**
   * Take in a fact and decide what follows from it
   */
  advance (fact: LookupFact<P>): Array<LookupCommand<P>> {
    const commands: Array<LookupCommand<P>> = []

    this.#takeIn(fact, commands)

    return commands
  }

  #takeIn (fact: LookupFact<P>, commands: Array<LookupCommand<P>>): void {
    switch (fact.type) {
      case 'started':
      case 'satisfied':
      case 'cancelled':
      case 'checked':
        this.#step(fact, commands)
        break
      case 'connected':
        this.#cameTo('connected', fact)
        this.#step(fact, commands)
        break
      case 'asked':
        this.#begin(fact, commands)
        break
      case 'timerFired':
        if (fact.peer === undefined) {
          this.#step({ type: 'timerFired', now: fact.now }, commands)
        } else {
          this.#tell(fact.peer, fact, commands)
        }
        break
      case 'signOfLife':
        this.#tell(fact.peer, fact, commands)
        this.#cameTo('signed', fact)
        this.#step({ type: 'signOfLife', peer: fact.peer, now: fact.now, news: this.#asked.get(fact.peer)?.wasUnreachable ?? false }, commands)
        break
      case 'held':
      case 'released':
      case 'settled':
      case 'timedOut':
        this.#tell(fact.peer, fact, commands)
        break
      case 'responded':
        this.#responded({ ...fact, closer: believedNames(fact.closer, this.#init.lookup.target, this.#init.table.scores.get(fact.peer)) }, commands)
        break
      case 'failed':
        this.#ended(fact, commands)
        this.#step(fact, commands)
        break
      default:
        fact satisfies never
    }
  }

  #responded (fact: LookupFact<P> & { type: 'responded' }, commands: Array<LookupCommand<P>>): void {
    this.#noteReferrer(fact)
    fact.closer.forEach(({ peer, kadId }) => { this.#init.table.namedBy({ peer, kadId }, fact.peer, fact.now) })
    this.#ended(fact, commands)
    this.#step(fact, commands)
  }

  #step (event: LookupEvent<P>, commands: Array<LookupCommand<P>>): void {
    const actions = this.#lookup.advance(event)

    this.#init.onStep?.(event, actions)

    for (const action of actions) {
      this.#perform(action, event.now, commands)
    }
  }

  /** A request takes in a fact. If that makes it late, the lookup is told. */
  #tell (peer: P, fact: RequestFact, commands: Array<LookupCommand<P>>): void {
    const asked = this.#asked.get(peer)

    if (asked === undefined) {
      return
    }

    const command = asked.request.advance(fact)

    if (asked.isAnswered) {
      this.#asked.delete(peer)
    }

    switch (command?.type) {
      case undefined:
        break
      case 'late':
        asked.lateSinceMs = fact.now
        this.#step({ type: 'softDeadlinePassed', peer, now: fact.now }, commands)
        break
      case 'setTimer':
        commands.push({ type: 'setTimer', peer, atMs: command.atMs })
        break
      case 'clearTimer':
        commands.push({ type: 'clearTimer', peer })
        break
      default:
        command satisfies never
    }
  }

  #perform (action: LookupAction<P>, now: number, commands: Array<LookupCommand<P>>): void {
    switch (action.type) {
      case 'query':
        this.#toBeAsked.set(action.peer, action)
        commands.push({ type: 'ask', peer: action.peer, query: action, dialPriority: Math.round(DIAL_PRIORITY + DIAL_PRIORITY_SPAN * (action.score - 0.5)) })
        break
      case 'cancel':
        this.#letGo(action.peer, now, commands)
        break
      case 'setTimer':
        commands.push(action)
        break
      case 'finish':
        this.#end(action.reason, now)
        commands.push(action)
        break
      default:
        action satisfies never
    }
  }

  #begin ({ peer, connected, now }: LookupFact<P> & { type: 'asked' }, commands: Array<LookupCommand<P>>): void {
    const { table } = this.#init
    const query = this.#toBeAsked.get(peer)

    if (query === undefined) {
      return
    }

    const isProbe = query.reason === 'probe'
    const request = new PeerRequest({
      entry: { peer, kadId: query.kadId },
      referrer: this.#referrers.get(peer) ?? table.namedPeer(peer)?.referrer,
      table,
      startedAt: now,
      softDeadline: { deadlineMs: query.softDeadlineMs, connectDeadlineMs: connected ? undefined : table.scores.connectDeadlineMs(peer, isProbe) }
    })

    this.#queries++
    this.#toBeAsked.delete(peer)
    this.#asked.set(peer, { isProbe, isAnswered: false, request, wasUnreachable: table.scores.get(peer)?.lastOutcome === 'dialFailed', stage: connected ? 'connected' : 'silent', lateSinceMs: undefined })
    commands.push({ type: 'setTimer', peer, atMs: request.deadlineAtMs ?? now })
  }

  /**
   * The lookup no longer needs the answer of a peer. A late request or a probe runs on in
   * the background if there is room, so that the score learns how it ends. Any other
   * request is given up.
   */
  #letGo (peer: P, now: number, commands: Array<LookupCommand<P>>): void {
    const asked = this.#asked.get(peer)

    if (asked === undefined) {
      return
    }

    const { request, isProbe } = asked
    const admission = request.isLate || isProbe ? this.#init.background.admit(peer, request) : 'notLate'

    if (admission === 'admitted') {
      return
    }

    if (admission === 'full') {
      request.advance({ type: 'abandoned', now })
    }

    commands.push({ type: 'clearTimer', peer }, { type: 'abort', peer })
  }

  #cameTo (stage: LateStage, { peer, now }: { peer: P, now: number }): void {
    const asked = this.#asked.get(peer)

    if (asked === undefined) {
      return
    }

    // a connection is what the wait for the others is for: whoever gets one late was worth it
    if (stage === 'connected' && asked.stage !== 'connected') {
      this.#countLate(asked, now)
    }

    asked.stage = stage
    asked.lateSinceMs = asked.lateSinceMs === undefined ? undefined : now
  }

  /** @param answeredAt - When the answer came, ms; undefined when there will be none */
  #countLate ({ isAnswered, stage, lateSinceMs }: Asked<P>, answeredAt: number | undefined): void {
    if (lateSinceMs !== undefined && !isAnswered) {
      this.#init.lateAnswers.count(stage, answeredAt === undefined ? undefined : answeredAt - lateSinceMs)
    }
  }

  #noteReferrer ({ peer: referrer, closer }: LookupFact<P> & { type: 'responded' }): void {
    for (const { peer } of closer) {
      if (this.isNews(peer) && !this.#referrers.has(peer)) {
        this.#referrers.set(peer, referrer)
      }
    }
  }

  #ended ({ type, peer, now }: LookupFact<P> & { type: 'responded' | 'failed' }, commands: Array<LookupCommand<P>>): void {
    const asked = this.#asked.get(peer)

    if (asked === undefined) {
      return
    }

    const { request } = asked

    this.#countLate(asked, type === 'responded' ? now : undefined)
    this.#init.background.ended(peer, request)
    asked.isAnswered = true

    if (request.deadlineAtMs !== undefined) {
      commands.push({ type: 'clearTimer', peer })
    }

    if (request.isOver) {
      this.#asked.delete(peer)
    }
  }

  #end (reason: FinishReason, now: number): void {
    if (!this.#isOver) {
      this.#isOver = true
      this.#init.onEnd(this.#lookup, reason, now)
    }
  }
}
