import { AbortError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { pEvent } from 'p-event'
import { raceSignal } from 'race-signal'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { KAD_DHT_DEFAULTS } from '../../parameters/kad-dht-defaults.ts'
import { kadIdOf } from '../peers/kad-id-of.ts'
import { LiveLookup } from './live-lookup.ts'
import type { InternalQueryManager, InternalRoutingTable, QueryFunc, QueryOptions } from '../../kad-dht/internals.ts'
import type { LookupPeers } from './lookup-peers.ts'
import type { RequestContexts } from './request-context.ts'
import type { KadId } from '../../keyspace/kad-id.ts'
import type { LookupAction, LookupEvent, LookupInit } from '../../lookup/lookup.ts'
import type { LookupRun } from '../../lookup/lookup-run.ts'
import type { Lookups } from '../../lookup/lookups.ts'
import type { ComponentLogger, Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { QueryEvent } from '@libp2p/kad-dht'

/** A fact that a lookup has taken in, and the commands that followed from it */
export interface LookupStep {
  /** The key that is looked up */
  key: Uint8Array
  event: LookupEvent<string>
  actions: Array<LookupAction<string>>
  /** What the lookup began with; only given with `started`. With this, all facts and the same random numbers, a lookup can be replayed. */
  init?: Omit<LookupInit<string>, 'selector'>
}

export interface LookupRunnerComponents {
  peerId: PeerId
  connectionManager: Pick<ConnectionManager, 'getMaxConnections'>
  logger: ComponentLogger
}

export interface LookupRunnerInit {
  queryManager: InternalQueryManager
  routingTable: InternalRoutingTable
  lookups: Lookups<string>
  peers: LookupPeers
  disjointPaths: number
  contexts: RequestContexts
  logPrefix: string
  now: () => number
  /** Called when a query begins to wait for a first peer. It returns a function that is called when the wait is over. */
  onWait: () => () => void
  /** Called when a lookup begins. It returns a function that is called when the lookup ends, with whether anybody answered. */
  onLookup: (target: KadId) => (answered: boolean) => void
  onStep?: (step: LookupStep) => void
}

/**
 * Runs lookups in place of kad-dht's query manager. Events, waiting, aborts and early exits
 * are the same as there.
 */
export class LookupRunner {
  readonly #components: LookupRunnerComponents
  readonly #init: LookupRunnerInit

  constructor (components: LookupRunnerComponents, init: LookupRunnerInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Look up a key, in place of the `run` of kad-dht's query manager
   *
   * @throws {Error} The DHT is not started
   */
  async * run (key: Uint8Array, queryFunc: QueryFunc, options: QueryOptions = {}): AsyncGenerator<QueryEvent> {
    const { queryManager } = this.#init

    if (!queryManager.running) {
      throw new Error('QueryManager not started')
    }

    const given = options.signal ?? AbortSignal.timeout(KAD_DHT_DEFAULTS.queryTimeoutMs)
    const earlyExit = new AbortController()
    const signal = anySignal([queryManager.shutDownController.signal, earlyExit.signal, given])
    setMaxListeners(Infinity, signal, earlyExit.signal, given)

    const log = this.#components.logger.forComponent(`${this.#init.logPrefix}:query:${uint8ArrayToString(key, 'base58btc')}`)

    try {
      const { lookups, now } = this.#init
      const isReady = lookups.isReady(now())

      if (!isReady) {
        await this.#ready(options.isSelfQuery === true, log, signal)
      }

      const first = yield * this.#lookup(key, queryFunc, { ...options, signal }, log)

      if (lookups.isWorthAgain(first, isReady)) {
        log('none of the remembered peers answered, starting again')
        await this.#ready(options.isSelfQuery === true, log, signal)
        yield * this.#lookup(key, queryFunc, { ...options, signal }, log, first)
      }
    } catch (err) {
      // errors thrown during shut down are of no interest
      if (queryManager.running) {
        throw err
      }
    } finally {
      earlyExit.abort(new AbortError('The lookup ended'))
      signal.clear()
      log('query finished')
    }
  }

  /**
   * @param before - An earlier lookup of this search. Peers that were late in it are not asked again.
   * @returns The lookup; undefined when there was nobody to ask
   */
  async * #lookup (key: Uint8Array, queryFunc: QueryFunc, options: QueryOptions & { signal: AbortSignal }, log: Logger, before?: LookupRun<string>): AsyncGenerator<QueryEvent, LookupRun<string> | undefined> {
    const { lookups, peers, now, onLookup, onStep } = this.#init
    const target = await kadIdOf(key)
    // this may take a while, as names in addresses may have to be resolved
    const { peers: start, checks } = await raceSignal(peers.start(target, options), options.signal)
    let ended: ReturnType<typeof onLookup> = () => {}
    const started: { live?: LiveLookup } = {}
    const run = lookups.lookup({
      target,
      start,
      endsEarly: options.endsEarly ?? false,
      // the stub of the connection manager in kad-dht's tests has no such method
      maxConnections: this.#components.connectionManager.getMaxConnections?.() ?? Infinity,
      before,
      onEnd: answered => { ended(answered) },
      onStep: onStep === undefined
        ? undefined
        : (event, actions, init) => {
            try {
              onStep({ key, event, actions, ...(init === undefined ? {} : { init }) })
            } catch (err) {
              // what the lookup has decided is carried out all the same
              started.live?.fail(err)
            }
          }
    }, now())

    if (run === undefined) {
      log.error('running query with no peers')
      return undefined
    }

    ended = onLookup(target)

    const live = started.live = new LiveLookup({ ...this.#init, run, checks, key, queryFunc, options, shutDown: this.#init.queryManager.shutDownController.signal, log })

    for await (const event of live.run()) {
      // the consumer may be far behind, so an abort ends it here, though the lookup may be over
      options.signal.throwIfAborted()
      yield event
    }

    return run
  }

  /**
   * Wait for a first peer and for the first self-query, as kad-dht does. A lookup that
   * knows enough good peers does not wait.
   */
  async #ready (isSelfQuery: boolean, log: Logger, signal: AbortSignal): Promise<void> {
    const { queryManager, routingTable } = this.#init

    if (routingTable.size === 0 && !queryManager.allowQueryWithZeroPeers) {
      log('routing table is empty, waiting for a peer')
      const waited = this.#init.onWait()

      try {
        await pEvent<'peer:add', CustomEvent<PeerId>>(routingTable, 'peer:add', {
          signal,
          filter: event => !this.#components.peerId.equals(event.detail)
        })
      } finally {
        waited()
      }
    }

    if (!isSelfQuery && queryManager.initialQuerySelfHasRun !== undefined) {
      log('waiting for the first self-query')
      await raceSignal(queryManager.initialQuerySelfHasRun.promise, signal)
      queryManager.initialQuerySelfHasRun = undefined
    }
  }
}
