import { compareDistance, distance } from '../keyspace/xor-distance.ts'
import { AnswerStatistics } from './answer-statistics.ts'
import { LateAnswers } from '../liveness/late-answers.ts'
import { CandidateList } from './candidate-list.ts'
import { LookupPath } from './lookup-path.ts'
import { NODE_LIMITS } from '../parameters/node-limits.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { PeerSelector } from '../selection/peer-selector.ts'
import type { CandidateState, LookupCandidate, LookupPeer } from './candidate-list.ts'
import type { FinishReason, LookupAction, QueryReason } from './lookup-action.ts'
import type { LookupEvent } from './lookup-event.ts'
import type { Graces } from '../liveness/late-answers.ts'
import type { LookupParameters } from '../parameters/lookup-parameters.ts'

export type { FinishReason, LookupAction, QueryReason } from './lookup-action.ts'
export type { LookupEvent } from './lookup-event.ts'

/** A list keeps this many times k peers that were not asked yet. Peers further away would never be asked. */
const HEARD_PER_K = 8

/**
 * What a lookup starts from
 */
export interface LookupInit<P> {
  target: KadId
  /** Validated by `validateLookupParameters` */
  parameters: LookupParameters
  /** Chooses among the peers that could be asked next */
  selector: PeerSelector
  /** Where to start, in any order */
  start: Array<LookupPeer<P>>
  /** This node itself, which is never asked */
  self?: P
  /**
   * End as soon as this many of the closest peers have answered; 1 to k
   *
   * @default parameters.k
   */
  beta?: number
  /**
   * True where one answer may be all that the operation needs. Nobody is dialled then
   * while enough connected peers may give that answer.
   *
   * @default false
   */
  endsEarly?: boolean
  /**
   * The share of strangers that answer: the `answerRate` of the lookup before; above 0,
   * at most 1
   *
   * @default 1
   */
  answerRate?: number
  /**
   * Which peers are likely among the k closest: those at a distance of up to 2 to the power of this
   *
   * @default Nobody knows
   */
  nearLog2?: number
  /**
   * How long late peers are worth waiting for
   *
   * @default As for a node that has seen no late peer yet
   */
  graces?: Graces
}

/**
 * An iterative lookup as a state machine: facts go in, commands come out, and
 * nothing else happens. For every asked peer the runner must send `responded` or
 * `failed` in the end, and `softDeadlinePassed` when its soft deadline passes before that.
 * Facts about peers that are not being asked are ignored, and so is every fact
 * after `finish`.
 */
export class Lookup<P extends string | number> {
  readonly #target: KadId
  readonly #parameters: LookupParameters
  readonly #selector: PeerSelector
  readonly #self: P | undefined
  readonly #endsEarly: boolean
  readonly #paths: Array<LookupPath<P>> = []
  readonly #known = new Map<P, LookupCandidate<P>>()
  readonly #statistics: AnswerStatistics
  readonly #graces: Graces
  readonly #start: Array<LookupPeer<P>>
  #state: 'idle' | 'running' | 'finished' = 'idle'
  #timerAtMs: number | undefined
  #queries = 0
  #probes = 0
  #scoutSent = false

  constructor (init: LookupInit<P>) {
    const { k, maxQueries, disjointPaths } = init.parameters

    this.#target = init.target
    this.#parameters = init.parameters
    this.#selector = init.selector
    this.#self = init.self
    this.#endsEarly = init.endsEarly ?? false
    this.#statistics = new AnswerStatistics(init.answerRate ?? 1)
    this.#graces = init.graces ?? new LateAnswers().graces(init.parameters.missedPeerMs)

    for (let path = 0; path < disjointPaths; path++) {
      const capacity = HEARD_PER_K * k + maxQueries

      this.#paths.push(new LookupPath({
        list: new CandidateList({ target: this.#target, path, capacity }),
        parameters: this.#parameters,
        graces: this.#graces,
        beta: init.beta ?? k,
        nearLog2: this.#endsEarly ? undefined : init.nearLog2
      }))
    }

    this.#start = init.start
  }

  /**
   * The closest peers that have answered so far, at most k, ascending distance
   */
  get closest (): P[] {
    return this.#closest.map(({ peer }) => peer)
  }

  /**
   * The XOR distances of the closest peers that have answered so far, at most k, ascending
   */
  get distances (): KadId[] {
    return this.#closest.map(({ kadId }) => distance(this.#target, kadId))
  }

  /**
   * The share of strangers that answer, as this lookup and those before it have found; above 0, at most 1
   */
  get answerRate (): number {
    return this.#statistics.answerRate
  }

  /**
   * Where the lookup stands with a peer; undefined when it has not heard of it
   */
  stateOf (peer: P): CandidateState | undefined {
    return this.#known.get(peer)?.state
  }

  /**
   * Take in a fact and decide what follows from it
   */
  advance (event: LookupEvent<P>): Array<LookupAction<P>> {
    if (this.#state === 'finished') {
      return []
    }

    if (event.type === 'satisfied' || event.type === 'cancelled') {
      return this.#finish(event.type)
    }

    if ((this.#state === 'running') === (event.type === 'started')) {
      return []
    }

    return this.#takeIn(event) ? this.#decide(event.now) : []
  }

  /**
   * @returns False when the fact changes nothing
   */
  #takeIn (event: Exclude<LookupEvent<P>, { type: 'satisfied' | 'cancelled' }>): boolean {
    if (event.type === 'started') {
      this.#state = 'running'

      for (const [index, peer] of this.#byDistance(this.#start).entries()) {
        this.#hear(peer, index % this.#parameters.disjointPaths, event.now)
      }

      return true
    }

    if (event.type === 'timerFired') {
      this.#timerAtMs = undefined
      return true
    }

    const candidate = this.#known.get(event.peer)

    if (event.type === 'checked') {
      return this.#checked(candidate, event.dialable)
    }

    if (candidate === undefined || (candidate.state.type !== 'asked' && candidate.state.type !== 'late')) {
      return false
    }

    switch (event.type) {
      case 'connected':
        candidate.reached = true

        // the request leaves only now, so the grace begins now
        if (candidate.state.type === 'late') {
          candidate.state = { ...candidate.state, sinceMs: event.now }
        }

        return true
      case 'signOfLife':
        candidate.sign = event.news ? 'news' : 'asBefore'

        // the way to the peer takes longer than the soft deadline allowed for, so the peer gets the long grace, from now on
        if (candidate.state.type === 'late' && (event.news || !candidate.facts.suspect)) {
          candidate.state = { ...candidate.state, sinceMs: event.now }
          candidate.reached = true
        }

        return true
      case 'responded':
        this.#change(candidate, { type: 'responded' })
        this.#byDistance(event.closer)
          .slice(0, NODE_LIMITS.namedPerK * this.#parameters.k)
          .forEach(peer => this.#hear(peer, candidate.path, event.now))
        return true
      case 'failed':
        this.#change(candidate, { type: 'failed' })
        return true
      case 'softDeadlinePassed':
        if (candidate.state.type === 'late') {
          return false
        }
        this.#change(candidate, { type: 'late', sinceMs: event.now, wasSilent: candidate.sign === 'none' && !candidate.reached })
        return true
      default:
        return event satisfies never
    }
  }

  #change (candidate: LookupCandidate<P>, state: CandidateState): void {
    if (candidate.state.type === 'asked') {
      this.#paths[candidate.path].inFlight--
    }

    this.#statistics.changed(candidate.facts.peerClass, candidate.state, state)
    candidate.state = state
  }

  #checked (candidate: LookupCandidate<P> | undefined, dialable: boolean): boolean {
    if (candidate?.state.type !== 'unchecked') {
      return false
    }

    if (dialable) {
      candidate.state = { type: 'heard' }
    } else {
      this.#paths[candidate.path].list.remove(candidate)
      this.#known.delete(candidate.facts.peer)
    }

    return true
  }

  /**
   * Take in a peer. It belongs to the path that heard of it first, which keeps the
   * paths disjoint. Its facts stay those of that moment.
   */
  #hear (facts: LookupPeer<P>, path: number, now: number): void {
    if (facts.peer === this.#self || this.#known.has(facts.peer)) {
      return
    }

    const { added, dropped } = this.#paths[path].list.add(facts, now)

    this.#known.set(facts.peer, added)

    if (dropped !== undefined) {
      this.#known.delete(dropped.facts.peer)
    }
  }

  #decide (now: number): Array<LookupAction<P>> {
    const actions: Array<LookupAction<P>> = []
    let ended: 'converged' | 'exhausted' | undefined = 'converged'
    let wakeAtMs = Infinity

    for (const path of this.#paths) {
      const progress = path.progress(now, {
        canAsk: this.#queries < this.#parameters.maxQueries,
        canProbe: this.#probes < this.#parameters.maxProbes,
        silentGraceMs: this.#statistics.silentGraceMs(this.#graces)
      })

      if (progress.type === 'running') {
        ended = undefined
        wakeAtMs = Math.min(wakeAtMs, progress.wakeAtMs ?? Infinity)
        this.#fillSlots(path, actions, now)
      } else if (ended !== undefined && progress.type === 'exhausted') {
        ended = 'exhausted'
      }
    }

    if (ended !== undefined) {
      return this.#finish(ended)
    }

    if (wakeAtMs !== Infinity && wakeAtMs !== this.#timerAtMs) {
      this.#timerAtMs = wakeAtMs
      actions.push({ type: 'setTimer', atMs: wakeAtMs })
    }

    return actions
  }

  #fillSlots (path: LookupPath<P>, actions: Array<LookupAction<P>>, now: number): void {
    const { k, alpha, maxInFlight, maxProbes } = this.#parameters
    const { candidates: all, passedOver, inFlight, connectedInFlight, inPlay, arrived, hasNear } = path.front(this.answerRate)
    const connected = this.#endsEarly ? all.filter(({ facts }) => facts.connected) : []
    const dialsNobody = this.#endsEarly && connected.length + connectedInFlight >= NODE_LIMITS.connectedForNoDial
    const candidates = dialsNobody ? connected : all
    const allowed = arrived || hasNear ? maxInFlight : alpha
    let running = inFlight

    while (candidates.length > 0 && running < allowed && this.#hasSlot(path)) {
      const { index, reason } = this.#selector.select(candidates)
      const [chosen] = candidates.splice(index, 1)

      actions.push(this.#ask(path, chosen, reason, now))
      running++
    }

    if (!dialsNobody) {
      this.#askForHints(path, actions, now)
    }

    if (candidates.length > 0 || dialsNobody) {
      return
    }

    if (inPlay < k && running === 0) {
      // no acceptable peer has a slot now, so whoever has one is unacceptable and counts here
      const missing = Math.max(0, k - inPlay - path.inFlight)

      for (const candidate of passedOver.slice(0, missing)) {
        if (this.#hasSlot(path)) {
          actions.push(this.#ask(path, candidate, 'lastResort', now))
        }
      }
    } else {
      for (const candidate of passedOver) {
        const { stale, failsFast } = candidate.facts

        if ((stale || (failsFast && arrived)) && this.#probes < maxProbes && this.#hasSlot(path)) {
          actions.push(this.#ask(path, candidate, 'probe', now))
          this.#probes++
        }
      }

      if (arrived) {
        this.#sendScout(path, passedOver, actions, now)
      }
    }
  }

  /**
   * A dial takes several round trips. So while the front is dialled, connected
   * peers that are further away are asked, too: they need one round trip to name holders that
   * we have not heard of, and one of those may be much nearer to us.
   */
  #askForHints (path: LookupPath<P>, actions: Array<LookupAction<P>>, now: number): void {
    const connected = path.hintsLeft > 0 ? path.connected() : []

    while (connected.length > 0 && path.hintsLeft > 0 && this.#hasSlot(path)) {
      const [chosen] = connected.splice(this.#selector.select(connected).index, 1)

      actions.push(this.#ask(path, chosen, 'hint', now))
      path.hintsLeft--
    }
  }

  /**
   * Once in a lookup, the best of the poor peers that are left alone is asked all the same.
   * The lookup does not wait for it. If it answers, later lookups try the others again.
   */
  #sendScout (path: LookupPath<P>, passedOver: Array<LookupCandidate<P>>, actions: Array<LookupAction<P>>, now: number): void {
    const left = passedOver.filter(({ state, facts }) => state.type === 'heard' && !facts.stale)

    if (this.#scoutSent || left.length === 0 || this.#probes >= this.#parameters.maxProbes || !this.#hasSlot(path)) {
      return
    }

    const best = left.reduce((a, b) => b.score > a.score ? b : a)

    this.#scoutSent = true
    this.#probes++
    actions.push(this.#ask(path, best, 'probe', now))
  }

  #hasSlot (path: LookupPath<P>): boolean {
    return path.inFlight < this.#parameters.maxInFlight && this.#queries < this.#parameters.maxQueries
  }

  #ask (path: LookupPath<P>, candidate: LookupCandidate<P>, reason: QueryReason, now: number): LookupAction<P> {
    const { peer, kadId, score, expectedWaitMs, softDeadlineMs, hardDeadlineMs } = candidate.facts

    candidate.state = { type: 'asked', sinceMs: now }
    path.inFlight++
    this.#queries++

    return {
      type: 'query',
      peer,
      kadId,
      path: candidate.path,
      reason,
      rank: path.list.rank(candidate),
      score,
      expectedWaitMs,
      softDeadlineMs,
      hardDeadlineMs
    }
  }

  #finish (reason: FinishReason): Array<LookupAction<P>> {
    const actions: Array<LookupAction<P>> = []

    this.#state = 'finished'

    for (const { facts, state } of this.#known.values()) {
      if (state.type === 'asked' || state.type === 'late') {
        actions.push({ type: 'cancel', peer: facts.peer })
      }
    }

    actions.push({ type: 'finish', closest: this.closest, reason })

    return actions
  }

  get #closest (): Array<LookupPeer<P>> {
    const responded: Array<LookupPeer<P>> = []

    for (const { facts, state } of this.#known.values()) {
      if (state.type === 'responded') {
        responded.push(facts)
      }
    }

    return this.#byDistance(responded).slice(0, this.#parameters.k)
  }

  #byDistance (peers: Array<LookupPeer<P>>): Array<LookupPeer<P>> {
    return peers.toSorted((a, b) => compareDistance(this.#target, a.kadId, b.kadId))
  }
}
