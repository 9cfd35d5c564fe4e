import { Lookup } from '../../../../src/lookup/lookup.ts'
import { SoftDeadline } from '../../../../src/timing/soft-deadline.ts'
import { RequestOutcome } from '../../../../src/lookup/request-outcome.ts'
import type { Clock } from '../../clock.ts'
import type { Connections, RequestEnd } from '../requests/connections.ts'
import type { LookupPeer } from '../../../../src/lookup/candidate-list.ts'
import type { LookupAction, LookupEvent, LookupInit } from '../../../../src/lookup/lookup.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'
import type { PeerScores } from '../../../../src/routing-table/peer-scores.ts'

export interface ScoredLookupInit extends LookupInit<number> {
  clock: Clock
  connections: Connections
  scores: PeerScores<number>
  /** Whom a peer names now */
  named: (peer: number) => number[]
  /** What is known of a peer that somebody names */
  factsOf: (peer: number, referrer: number) => LookupPeer<number>
  /** Told of each peer that answered, before the lookup is; returns whether that was all the operation wanted */
  onAnswer?: (peer: number) => boolean
  /** Called once, when the lookup has ended */
  onEnd: (closest: number[]) => void
}

type Query = LookupAction<number> & { type: 'query' }

interface Request {
  cancel: () => void
  /** Runs to its hard deadline even if the lookup ends before */
  outlives: boolean
}

/**
 * One lookup of the library's own in simulated time: what `LiveLookup` is over real
 * streams.
 */
export class ScoredLookup {
  /** Requests made so far */
  queries = 0

  readonly #init: ScoredLookupInit
  readonly #lookup: Lookup<number>
  readonly #requests = new Map<number, Request>()
  readonly #referrers = new Map<number, number>()
  #cancelTimer: (() => void) | undefined

  constructor (init: ScoredLookupInit) {
    this.#init = init
    this.#lookup = new Lookup(init)
  }

  /** The share of strangers that answer, by this lookup and those before it */
  get answerRate (): number {
    return this.#lookup.answerRate
  }

  start (): void {
    this.#step({ type: 'started', now: this.#init.clock.now })
  }

  /** End it without a result */
  cancel (): void {
    this.#step({ type: 'cancelled', now: this.#init.clock.now })
  }

  #step (event: LookupEvent<number>): void {
    for (const action of this.#lookup.advance(event)) {
      this.#perform(action)
    }
  }

  #perform (action: LookupAction<number>): void {
    const { clock } = this.#init

    switch (action.type) {
      case 'query':
        this.#ask(action)
        break
      case 'cancel': {
        const request = this.#requests.get(action.peer)

        if (request?.outlives === false) {
          request.cancel()
        }

        break
      }
      case 'setTimer':
        this.#cancelTimer?.()
        this.#cancelTimer = clock.schedule(Math.max(0, action.atMs - clock.now), () => { this.#step({ type: 'timerFired', now: clock.now }) })
        break
      case 'finish':
        this.#cancelTimer?.()

        if (action.reason !== 'cancelled') {
          this.#init.onEnd(action.closest)
        }

        break
      default:
        assertNever(action)
    }
  }

  #ask ({ peer, reason, softDeadlineMs, hardDeadlineMs }: Query): void {
    const { clock, connections, scores } = this.#init
    const outcome = new RequestOutcome({ peer, referrer: this.#referrers.get(peer), startedAt: clock.now, scores })
    const wasUnreachable = scores.get(peer)?.lastOutcome === 'dialFailed'
    const deadline = new SoftDeadline({
      startedAt: clock.now,
      connectDeadlineMs: connections.isOpen(peer) ? undefined : scores.connectDeadlineMs(peer, reason === 'probe'),
      deadlineMs: softDeadlineMs,
      dialledDeadlineMs: connectMs => scores.dialledDeadlineMs(peer, connectMs)
    })
    const startedAt = clock.now
    let cancelDeadline: (() => void) | undefined
    let isLate = false
    const setDeadline = (): void => {
      cancelDeadline?.()
      cancelDeadline = clock.schedule(Math.max(0, startedAt + deadline.afterMs - clock.now), () => {
        isLate = true
        request.outlives = true
        outcome.softDeadlinePassed(deadline.afterMs, deadline.isReached, clock.now)
        this.#step({ type: 'softDeadlinePassed', peer, now: clock.now })
      })
    }
    const close = (): void => {
      cancelDeadline?.()
      this.#requests.delete(peer)
    }

    const cancelRequest = connections.ask(peer, { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs: hardDeadlineMs }, {
      onFirstSign: () => {
        deadline.reached(clock.now)

        if (!isLate) {
          setDeadline()
        }

        this.#step({ type: 'signOfLife', peer, now: clock.now, news: wasUnreachable })
      },
      onConnected: () => { this.#step({ type: 'connected', peer, now: clock.now }) },
      onEnd: end => {
        close()

        if (end.type === 'timedOut') {
          outcome.softDeadlinePassed(end.afterMs, end.reached, clock.now)
        } else {
          outcome.settle(outcomeOf(end), clock.now)
        }

        this.#ended(peer, end)
      }
    })
    const request: Request = {
      outlives: reason === 'probe',
      cancel: () => {
        close()
        cancelRequest()
      }
    }

    this.queries++
    this.#requests.set(peer, request)
    setDeadline()
  }

  #ended (peer: number, end: RequestEnd): void {
    const { clock, named, factsOf, onAnswer } = this.#init

    if (end.type !== 'answered') {
      this.#step({ type: 'failed', peer, now: clock.now })
      return
    }

    if (onAnswer?.(peer) === true) {
      this.#step({ type: 'satisfied', now: clock.now })
      return
    }

    const news = named(peer).filter(other => this.#lookup.stateOf(other) === undefined)

    for (const other of news) {
      if (!this.#referrers.has(other)) {
        this.#referrers.set(other, peer)
      }
    }

    this.#step({ type: 'responded', peer, now: clock.now, closer: news.map(other => factsOf(other, peer)) })
  }
}

/** What a request's end is worth, as `classifyFailure` and the observer have it on a live node */
export function outcomeOf (end: RequestEnd): Outcome {
  switch (end.type) {
    case 'answered':
      return { type: 'responded', latencyMs: end.latencyMs, setupMs: end.setupMs, dialled: end.dialled }
    case 'refused':
      return { type: 'dialFailed', class: 'refused' }
    case 'timedOut':
      return end.reached ? { type: 'timedOut', afterMs: end.afterMs } : { type: 'dialFailed', class: 'timeout' }
    default:
      return assertNever(end)
  }
}

function assertNever (value: never): never {
  throw new Error(`Unknown ${JSON.stringify(value)}`)
}
