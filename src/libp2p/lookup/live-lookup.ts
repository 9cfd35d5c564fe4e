import { AbortError, TimeoutError } from '@libp2p/interface'
import { EventTypes } from '@libp2p/kad-dht'
import { anySignal } from 'any-signal'
import { pushable } from 'it-pushable'
import { setMaxListeners } from 'main-event'
import { CustomProgressEvent } from 'progress-events'
import { LookupDriver } from '../../lookup/lookup-driver.ts'
import { patientTimeout } from './patient-timeout.ts'
import type { HeardPeers, LookupPeers } from './lookup-peers.ts'
import type { RequestContexts } from './request-context.ts'
import type { InternalRoutingTable, QueryFunc, QueryOptions } from '../../kad-dht/internals.ts'
import type { LookupCommand, LookupFact, LookupQuery, LookupRun } from '../../lookup/lookup-run.ts'
import type { Logger, PeerId, PeerInfo } from '@libp2p/interface'
import type { DisjointPath, PeerResponseEvent, QueryEvent } from '@libp2p/kad-dht'

export interface LiveLookupInit {
  run: LookupRun<string>
  disjointPaths: number
  key: Uint8Array
  queryFunc: QueryFunc
  options: QueryOptions & { signal: AbortSignal }
  /** Aborted when the DHT stops */
  shutDown: AbortSignal
  peers: LookupPeers
  /** The checks of those peers of `start` for which nobody knows yet whether they can be dialled */
  checks: HeardPeers['checks']
  routingTable: InternalRoutingTable
  contexts: RequestContexts
  now: () => number
  log: Logger
}

interface Request {
  path: number
  controller: AbortController
  /** Whether the dial waits for our own limits */
  isHeld: boolean
}

/**
 * One lookup over real streams. It turns what happens into facts for the lookup machine, and
 * the commands of the machine into requests and timers.
 */
export class LiveLookup {
  readonly #init: LiveLookupInit
  readonly #events = pushable<QueryEvent>({ objectMode: true })
  readonly #requests = new Map<string, Request>()
  readonly #infos = new Map<string, PeerInfo>()
  readonly #driver: LookupDriver<string>

  constructor (init: LiveLookupInit) {
    const { run, now, log } = this.#init = init

    this.#driver = new LookupDriver(run, {
      now,
      schedule: (atMs, happen) => patientTimeout(() => { this.#tell(happen) }, Math.max(0, atMs - now()), now),
      ask: ({ peer, query, dialPriority }) => {
        this.#ask(query, dialPriority).catch(err => {
          log.error('could not ask %s - %e', peer, err)
          this.fail(err)
          this.#advance({ type: 'failed', peer, now: now() })
        })
      },
      abort: peer => { this.#requests.get(peer)?.controller.abort(new AbortError('The lookup ended')) },
      finish: command => { this.#finish(command) }
    })
  }

  /**
   * Run the lookup and yield kad-dht's events for all that happens, until the lookup ends
   *
   * @throws {AbortError} The signal was aborted. If events were still waiting to be read, the reason of the signal is thrown instead, as kad-dht does.
   */
  async * run (): AsyncGenerator<QueryEvent> {
    const { options: { signal }, checks, now } = this.#init
    const onAbort = (): void => {
      this.#events.end(this.#events.readableLength === 0 ? new AbortError() : signal.reason ?? new AbortError())
      // late requests run on: the caller gave up, which is not the fault of the peers
      this.#advance({ type: 'cancelled', now: now() })
    }

    signal.addEventListener('abort', onAbort)

    try {
      signal.throwIfAborted()
      this.#advance({ type: 'started', now: now() })
      this.#awaitChecks(checks)
      yield * this.#events
    } finally {
      signal.removeEventListener('abort', onAbort)
      // a consumer that stops reading has what it wanted
      this.#advance({ type: signal.aborted ? 'cancelled' : 'satisfied', now: now() })
    }
  }

  /**
   * A callback of the user's threw: the consumer is told
   */
  fail (err: Error): void {
    this.#events.end(err)
  }

  #advance (fact: LookupFact<string>): void {
    this.#tell(() => { this.#driver.advance(fact) })
  }

  /** Hand an error of the user's callbacks to the consumer of the events: in a timer nobody else could catch it */
  #tell (happen: () => void): void {
    try {
      happen()
    } catch (err) {
      this.fail(err)
    }
  }

  #finish ({ reason, closest }: LookupCommand<string> & { type: 'finish' }): void {
    const { log, disjointPaths } = this.#init

    log('%s, %d closest peers answered', reason, closest.length)

    for (let index = 0; index < disjointPaths; index++) {
      this.#push({ type: EventTypes.PATH_ENDED, name: 'PATH_ENDED', path: { index, queued: 0, running: 0, total: 0 } }, 'kad-dht:query:path-ended')
    }

    this.#events.end()
  }

  async #ask (query: LookupQuery<string>, dialPriority: number): Promise<void> {
    const { shutDown, peers, now } = this.#init
    const { peer, path, hardDeadlineMs } = query
    const id = peers.idOf(peer)
    const controller = new AbortController()
    const signal = anySignal([shutDown, controller.signal])
    setMaxListeners(Infinity, signal, controller.signal)

    const request: Request = { path, controller, isHeld: false }
    this.#requests.set(peer, request)
    this.#setContext(signal, request, query, dialPriority)
    this.#advance({ type: 'asked', peer, now: now(), connected: peers.isConnected(id) })

    const clearHardDeadline = patientTimeout(() => {
      // to a peer whose dial waits for our own limits nothing was sent, so the peer is not to blame
      if (!request.isHeld) {
        this.#advance({ type: 'timedOut', peer, now: now(), afterMs: hardDeadlineMs })
      }

      controller.abort(new TimeoutError('The peer did not answer in time'))
    }, hardDeadlineMs, now)

    let heard: HeardPeers | undefined

    try {
      const response = await this.#query(query, id, signal)
      heard = response === undefined ? undefined : await this.#hear(peer, response)
    } catch (err) {
      if (!signal.aborted) {
        this.#push({ type: EventTypes.QUERY_ERROR, name: 'QUERY_ERROR', from: id, error: err, path: this.#pathOf(path) }, 'kad-dht:query:query-error')
      }
    } finally {
      clearHardDeadline()
      this.#requests.delete(peer)
      signal.clear()
    }

    await this.#answered(peer, heard)
  }

  async #answered (peer: string, heard: HeardPeers | undefined): Promise<void> {
    const { options, now } = this.#init

    if (heard !== undefined && options.endsEarly === true) {
      // the consumer reads this answer first: it may have what it wanted, and then nobody else is asked
      await new Promise(resolve => setTimeout(resolve))
    }

    this.#advance(heard === undefined
      ? { type: 'failed', peer, now: now() }
      : { type: 'responded', peer, now: now(), closer: heard.peers })
    this.#awaitChecks(heard?.checks ?? [])
  }

  /** Make the context of a request, by which the code that sends the request tells this lookup of dials, limits and outcomes */
  #setContext (signal: AbortSignal, request: Request, { peer, hardDeadlineMs }: LookupQuery<string>, dialPriority: number): void {
    const { contexts, peers, now } = this.#init

    contexts.set(signal, {
      hardDeadlineMs,
      dialPriority,
      onReached: () => { this.#advance({ type: 'signOfLife', peer, now: now() }) },
      onHeld: isHeld => {
        request.isHeld = isHeld
        this.#advance(isHeld ? { type: 'held', peer, now: now() } : { type: 'released', peer, now: now(), connected: peers.isConnected(peers.idOf(peer)) })
      },
      onSettled: outcome => { this.#advance({ type: 'settled', peer, now: now(), outcome }) }
    })
  }

  /**
   * Asks one peer. The query function is read to its end, because events that the caller
   * wants may come after the response.
   */
  async #query (query: LookupQuery<string>, id: PeerId, signal: AbortSignal): Promise<PeerResponseEvent | undefined> {
    const { options, key, queryFunc, disjointPaths, peers, routingTable, log, now } = this.#init
    const { peer, kadId, path } = query
    let response: PeerResponseEvent | undefined

    for await (const event of queryFunc({
      ...options,
      key,
      peer: this.#infos.get(peer) ?? { id, multiaddrs: peers.addressesOf(peer) },
      peerKadId: kadId,
      path: this.#pathOf(path),
      numPaths: disjointPaths,
      signal
    })) {
      if (event.name === 'SEND_QUERY') {
        this.#advance({ type: 'connected', peer, now: now() })
      } else if (event.name === 'PEER_RESPONSE') {
        response = event
        routingTable.queueRoutingTableUpdate(event.from)
      } else if (event.name === 'QUERY_ERROR') {
        log('query error - %e', event.error)
      }

      if (!signal.aborted) {
        this.#events.push({ ...event, path: this.#pathOf(path) })
      }
    }

    return response
  }

  async #hear (peer: string, response: PeerResponseEvent): Promise<HeardPeers> {
    const { run, peers, shutDown } = this.#init
    const news = response.closer.filter(({ id }) => run.isNews(id.toString()))

    for (const info of news) {
      const handle = info.id.toString()

      if (!this.#infos.has(handle)) {
        this.#infos.set(handle, info)
      }
    }

    return peers.named(news, peer, { signal: shutDown })
  }

  #awaitChecks (checks: HeardPeers['checks']): void {
    const { now, log } = this.#init

    for (const { peer, dialable } of checks) {
      dialable.then(dialable => { this.#advance({ type: 'checked', peer, now: now(), dialable }) }, err => { log.error('could not check %s - %e', peer, err) })
    }
  }

  #pathOf (index: number): DisjointPath {
    let running = 0

    for (const request of this.#requests.values()) {
      running += request.path === index ? 1 : 0
    }

    return { index, queued: 0, running, total: running }
  }

  #push (event: QueryEvent, progress: string): void {
    this.#events.push(event)
    this.#init.options.onProgress?.(new CustomProgressEvent(progress, event))
  }
}
