import { AbortError, TimeoutError } from '@libp2p/interface'
import { EventTypes } from '@libp2p/kad-dht'
import { anySignal } from 'any-signal'
import { pushable } from 'it-pushable'
import { setMaxListeners } from 'main-event'
import { CustomProgressEvent } from 'progress-events'
import { patientTimeout } from './patient-timeout.ts'
import { StagedDeadline } from './staged-deadline.ts'
import type { BackgroundRequests } from './background-requests.ts'
import type { InternalRoutingTable, QueryFunc, QueryOptions } from '../../kad-dht/internals.ts'
import type { HeardPeers, LookupPeers } from './lookup-peers.ts'
import type { OutcomeObserver } from './outcome-observer.ts'
import type { RequestContexts } from './request-context.ts'
import type { LookupParameters } from '../../parameters/lookup-parameters.ts'
import type { Lookup, LookupAction, LookupEvent } from '../../lookup/lookup.ts'
import type { RequestOutcome } from '../../lookup/request-outcome.ts'
import type { Logger, PeerId, PeerInfo } from '@libp2p/interface'
import type { DisjointPath, PeerResponseEvent, QueryEvent } from '@libp2p/kad-dht'

/** Between the dials of the worst and the best peer; the dial queue's default priority of 50 is in the middle */
const DIAL_PRIORITY_SPAN = 50

export interface LiveLookupInit {
  lookup: Lookup<string>
  parameters: LookupParameters
  key: Uint8Array
  queryFunc: QueryFunc
  options: QueryOptions & { signal: AbortSignal }
  /** Ends everything, when the DHT stops */
  shutDown: AbortSignal
  peers: LookupPeers
  /** Of the peers that the lookup starts with, those that are not known to be dialable yet */
  checks: HeardPeers['checks']
  routingTable: InternalRoutingTable
  observer: OutcomeObserver
  contexts: RequestContexts
  now: () => number
  log: Logger
  /** Late requests of all lookups that run on in the background */
  background: BackgroundRequests
  /** Called once, when the lookup has ended: its consumer may be slower */
  onEnd: () => void
  /** Told of every fact and of what the lookup decided */
  onStep?: (event: LookupEvent<string>, actions: Array<LookupAction<string>>) => void
}

type Query = LookupAction<string> & { type: 'query' }

interface Request {
  id: PeerId
  path: number
  controller: AbortController
  outcome: RequestOutcome<string>
  /** Runs to its hard deadline even if the lookup ends before, because its outcome is what a poor score waits for */
  outlives: boolean
  /** Its soft deadline has passed */
  isLate: boolean
  /** Its dial waits for our own limits */
  isHeld: boolean
}

/**
 * One lookup over real streams: turns what happens into facts for the machine and
 * the machine's commands into requests and timers.
 */
export class LiveLookup {
  private readonly init: LiveLookupInit
  private readonly events = pushable<QueryEvent>({ objectMode: true })
  private readonly requests = new Map<string, Request>()
  private readonly referrers = new Map<string, string>()
  private readonly infos = new Map<string, PeerInfo>()
  private clearTimer: (() => void) | undefined
  private hasEnded = false

  constructor (init: LiveLookupInit) {
    this.init = init
  }

  /**
   * Everything that happens, in kad-dht's events, until the lookup ends
   *
   * @throws {AbortError} The signal was aborted; its reason instead where the consumer was behind, as kad-dht has it
   */
  async * run (): AsyncGenerator<QueryEvent> {
    const { signal } = this.init.options
    const onAbort = (): void => {
      this.events.end(this.events.readableLength === 0 ? new AbortError() : signal.reason ?? new AbortError())
      // whoever is late runs on: the caller gave up, not the peer
      this.step({ type: 'cancelled', now: this.init.now() })
    }

    signal.addEventListener('abort', onAbort)

    try {
      signal.throwIfAborted()
      this.step({ type: 'started', now: this.init.now() })
      this.awaitChecks(this.init.checks)
      yield * this.events
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.step({ type: 'cancelled', now: this.init.now() })
      this.clearTimer?.()
      // a callback of the user's that threw may have kept the lookup from finishing
      this.end()
    }
  }

  private end (): void {
    if (!this.hasEnded) {
      this.hasEnded = true
      this.init.onEnd()
    }
  }

  private step (event: LookupEvent<string>): void {
    try {
      const actions = this.init.lookup.advance(event)
      this.init.onStep?.(event, actions)

      for (const action of actions) {
        this.perform(action)
      }
    } catch (err) {
      // a callback of the user's threw, maybe in a timer: it is the consumer who can be told
      this.events.end(err)
    }
  }

  private perform (action: LookupAction<string>): void {
    const { log, now, parameters } = this.init

    switch (action.type) {
      case 'query':
        this.ask(action).catch(err => {
          log.error('could not ask %s - %e', action.peer, err)
          // a callback of the user's threw: it is the consumer who can be told
          this.events.end(err)
        })
        break
      case 'cancel':
        this.letGo(action.peer)
        break
      case 'setTimer':
        this.clearTimer?.()
        this.clearTimer = patientTimeout(() => { this.step({ type: 'timerFired', now: now() }) }, Math.max(0, action.atMs - now()), now)
        break
      case 'finish':
        log('%s, %d closest peers answered', action.reason, action.closest.length)
        this.end()

        for (let index = 0; index < parameters.disjointPaths; index++) {
          this.push({ type: EventTypes.PATH_ENDED, name: 'PATH_ENDED', path: { index, queued: 0, running: 0, total: 0 } }, 'kad-dht:query:path-ended')
        }

        this.events.end()
        break
      default:
        assertNever(action)
    }
  }

  /**
   * Its answer is no longer needed. Who is late runs on all the same, where it can: how
   * that ends decides whether its lateness is held against it.
   */
  private letGo (peer: string): void {
    const request = this.requests.get(peer)

    if (request == null) {
      return
    }

    const admission = request.outlives ? this.init.background.admit(peer, request) : 'notLate'

    if (admission === 'full') {
      request.outcome.abandon()
    }

    if (admission !== 'admitted') {
      request.controller.abort(new AbortError('The lookup ended'))
    }
  }

  private async ask (query: Query): Promise<void> {
    const { shutDown, contexts, observer, peers, background, now } = this.init
    const { peer } = query
    const id = peers.idOf(peer)
    const controller = new AbortController()
    const signal = anySignal([shutDown, controller.signal])
    setMaxListeners(Infinity, signal, controller.signal)

    const outcome = observer.outcomeOf(peer, this.referrers.get(peer))
    const request: Request = { id, path: query.path, controller, outcome, outlives: query.reason === 'probe', isLate: false, isHeld: false }
    this.requests.set(peer, request)
    const wasUnreachable = peers.wasUnreachable(peer)
    let softDeadline = this.softDeadline(query, request)

    contexts.set(signal, {
      hardDeadlineMs: query.hardDeadlineMs,
      outcome,
      onReached: () => {
        softDeadline.reached()

        this.step({ type: 'signOfLife', peer, now: now(), news: wasUnreachable })
      },
      onHeld: isHeld => {
        request.isHeld = isHeld
        softDeadline.clear()

        // that it had to wait for our own limits is not its doing
        if (!isHeld && !request.isLate) {
          softDeadline = this.softDeadline(query, request)
        }
      },
      dialPriority: Math.round(50 + DIAL_PRIORITY_SPAN * (query.score - 0.5))
    })

    const clearHardDeadline = patientTimeout(() => {
      // nothing was sent to a peer whose dial waits for our own limits
      if (!request.isHeld) {
        outcome.softDeadlinePassed(query.hardDeadlineMs, true, now())
      }

      controller.abort(new TimeoutError('The peer did not answer in time'))
    }, query.hardDeadlineMs, now)

    let heard: HeardPeers | undefined

    try {
      const response = await this.query(query, id, signal)
      heard = response == null ? undefined : await this.hear(peer, response)
    } catch (err) {
      if (!signal.aborted) {
        this.push({ type: EventTypes.QUERY_ERROR, name: 'QUERY_ERROR', from: id, error: err, path: this.pathOf(query.path) }, 'kad-dht:query:query-error')
      }
    } finally {
      softDeadline.clear()
      clearHardDeadline()
      this.requests.delete(peer)
      background.ended(peer, request)
      signal.clear()
    }

    if (heard != null && this.init.options.endsEarly === true) {
      // whoever reads the events may have what it wanted, and hears of it before anybody else is asked
      await new Promise(resolve => setTimeout(resolve))
    }

    this.step(heard == null
      ? { type: 'failed', peer, now: now() }
      : { type: 'responded', peer, now: now(), closer: heard.peers })
    this.awaitChecks(heard?.checks ?? [])
  }

  private softDeadline ({ peer, reason, softDeadlineMs }: Query, request: Request): StagedDeadline {
    const { peers, now } = this.init

    return new StagedDeadline({
      connectDeadlineMs: peers.connectDeadlineMs(peer, reason === 'probe'),
      deadlineMs: softDeadlineMs,
      dialledDeadlineMs: connectMs => peers.dialledDeadlineMs(peer, connectMs),
      now,
      onPassed: (afterMs, reached) => {
        request.outlives = true
        request.isLate = true
        request.outcome.softDeadlinePassed(afterMs, reached, now())
        this.step({ type: 'softDeadlinePassed', peer, now: now() })
      }
    })
  }

  /**
   * Asks one peer. The query function is read to its end: what the caller collects
   * may come after the response.
   */
  private async query (query: Query, id: PeerId, signal: AbortSignal): Promise<PeerResponseEvent | undefined> {
    const { options, key, queryFunc, parameters, peers, routingTable, log, now } = this.init
    const { kadId, addresses } = await peers.entryOf(query.peer)
    let response: PeerResponseEvent | undefined

    for await (const event of queryFunc({
      ...options,
      key,
      peer: this.infos.get(query.peer) ?? { id, multiaddrs: addresses.map(({ multiaddr }) => multiaddr) },
      peerKadId: kadId,
      path: this.pathOf(query.path),
      numPaths: parameters.disjointPaths,
      signal
    })) {
      if (event.name === 'SEND_QUERY') {
        this.step({ type: 'connected', peer: query.peer, now: now() })
      } else if (event.name === 'PEER_RESPONSE') {
        response = event
        routingTable.queueRoutingTableUpdate(event.from)
      } else if (event.name === 'QUERY_ERROR') {
        log('query error - %e', event.error)
      }

      if (!signal.aborted) {
        this.events.push({ ...event, path: this.pathOf(query.path) })
      }
    }

    return response
  }

  private async hear (peer: string, response: PeerResponseEvent): Promise<HeardPeers> {
    const news = response.closer.filter(({ id }) => this.init.lookup.stateOf(id.toString()) == null)

    for (const info of news) {
      const handle = info.id.toString()

      if (!this.referrers.has(handle)) {
        this.referrers.set(handle, peer)
        this.infos.set(handle, info)
      }
    }

    return this.init.peers.named(news, peer, { signal: this.init.shutDown })
  }

  private awaitChecks (checks: HeardPeers['checks']): void {
    for (const { peer, dialable } of checks) {
      dialable.then(dialable => { this.step({ type: 'checked', peer, now: this.init.now(), dialable }) }, err => { this.init.log.error('could not check %s - %e', peer, err) })
    }
  }

  private pathOf (index: number): DisjointPath {
    let running = 0

    for (const request of this.requests.values()) {
      running += request.path === index ? 1 : 0
    }

    return { index, queued: 0, running, total: running }
  }

  private push (event: QueryEvent, progress: string): void {
    this.events.push(event)
    this.init.options.onProgress?.(new CustomProgressEvent(progress, event))
  }
}

function assertNever (action: never): never {
  throw new Error(`Unknown lookup action ${JSON.stringify(action)}`)
}
