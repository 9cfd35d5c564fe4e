import { AdaptiveTimeout } from './adaptive-timeout.ts'
import { Introductions } from './introductions.ts'
import { KadDHTLookup } from './kad-dht-lookup.ts'
import { KadDHTRequests } from './kad-dht-requests.ts'
import { NodeBuckets } from '../node-buckets.ts'
import { Proximity } from '../proximity.ts'
import { RunningOperation } from '../requests/running-operation.ts'
import { TaskQueue } from '../requests/task-queue.ts'
import type { AdaptiveTimeoutInit } from './adaptive-timeout.ts'
import type { Client, ClientComponents, Operation, WalkResult } from '../client.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** kad-dht 16 constants.ts `ALPHA`. kad-dht.ts uses the same number of disjoint paths. */
const ALPHA = 10

/**
 * kad-dht 16 routing-table/index.ts `PREFIX_LENGTH`: buckets are split by this many first
 * bits of a kad id. The node's own kad id plays no part in it.
 */
const PREFIX_BITS = 6

/** kad-dht 16 constants.ts `QUERY_SELF_INITIAL_INTERVAL`, `QUERY_SELF_INTERVAL`, `QUERY_SELF_TIMEOUT`, ms */
const FIRST_SELF_QUERY_MS = 1_000
const SELF_QUERY_INTERVAL_MS = 300_000
const SELF_QUERY_TIMEOUT_MS = 5_000

/**
 * kad-dht 16 query-self.ts: the self-query ends after k events. The events are those of
 * network.ts: a dial begins, the query is sent, the query is answered, or it fails.
 */
const EVENTS_PER_START = 1
const EVENTS_PER_ANSWER = 2
const EVENTS_PER_FAILURE = 1

/** kad-dht 16 constants.ts `DEFAULT_QUERY_TIMEOUT`: a lookup without a signal ends after this time, and has no result then, ms */
const QUERY_TIMEOUT_MS = 180_000

/** @libp2p/ping 3 constants.ts `TIMEOUT`, and kad-dht 16 constants.ts `ON_PEER_CONNECT_TIMEOUT`, ms */
const PING_TIMEOUT_MS = 10_000

/** @libp2p/bootstrap dials its list one second after the start, ms */
const BOOTSTRAP_MS = 1_000

export interface KadDHTClientInit {
  /** Requests of one path at the same time @default 10 */
  alpha?: number
  /** @default 10 */
  disjointPaths?: number
  /** kad-dht's `networkDialTimeout` */
  timeout?: AdaptiveTimeoutInit
  /** libp2p's `addressDialTimeout`, ms @default 6000 */
  addressDialTimeoutMs?: number
  /** libp2p's `maxParallelDials` @default 50 */
  maxParallelDials?: number
  /**
   * Whether each peer that is named is pinged so that it can enter the table, which is what
   * kad-dht does. If not, only peers that answer a request enter. @default true
   */
  introductions?: boolean
}

interface LookUpOptions {
  /** This lookup is the self-query, so it does not wait for the first self-query */
  isSelfQuery?: boolean
  /** @default 180000 */
  timeoutMs?: number
  onAnswer?: (node: number) => void
  /** Called with the number of kad-dht's events that have just happened */
  onEvents?: (count: number) => void
  /** Gets the closest peers that answered, or an empty list when the time ran out */
  onEnd: (closest: number[]) => void
}

/**
 * kad-dht 16.4.5 as js-libp2p 3 runs it, with stock options by default
 */
export class KadDHTClient implements Client {
  readonly buckets: NodeBuckets

  readonly #components: ClientComponents
  readonly #init: KadDHTClientInit
  readonly #requests: KadDHTRequests
  readonly #introductions: Introductions
  readonly #timeout: AdaptiveTimeout
  readonly #pingTimeout = new AdaptiveTimeout()
  /** Counts requests that belong to no operation */
  readonly #background = { queries: 0 }
  /** Operations that wait until a peer is known and the first self-query is over */
  readonly #waiting = new Set<() => void>()
  #hasQueriedSelf = false
  #isSelfQueryDue = false

  constructor (components: ClientComponents, init: KadDHTClientInit = {}) {
    const { world: { population }, clock, k } = components
    const { addressDialTimeoutMs, maxParallelDials } = init

    this.#components = components
    this.#init = init
    this.#timeout = new AdaptiveTimeout(init.timeout)
    this.#requests = new KadDHTRequests({ ...components, addressDialTimeoutMs, maxParallelDials })
    // kad-dht splits a bucket of fewer bits when it is full, which gives the same table as starting with all
    // buckets
    this.buckets = new NodeBuckets({ population, capacity: k, bucketOf: head => head >>> 32 - PREFIX_BITS })
    this.#introductions = new Introductions({
      clock,
      buckets: this.buckets,
      ping: (node, kind, onEnd) => { this.#ping(node, kind, onEnd) },
      onAdded: () => { this.#proceed() }
    })
  }

  start (): void {
    const { clock, bootstrap } = this.#components

    clock.schedule(BOOTSTRAP_MS, () => { bootstrap.forEach(node => { this.#introductions.add(node) }) })
    clock.schedule(FIRST_SELF_QUERY_MS, () => {
      this.#isSelfQueryDue = true
      this.#proceed()
    })
  }

  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation {
    const operation = new RunningOperation()

    this.#lookUp(operation, target, {
      onEnd: closest => { operation.end(() => { done({ closest }) }) }
    })

    return operation
  }

  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation {
    const operation = new RunningOperation()

    this.#lookUp(operation, target, {
      onAnswer: node => {
        if (isHolder(node)) {
          operation.end(() => { done(true) })
        }
      },
      onEnd: () => { operation.end(() => { done(false) }) }
    })

    return operation
  }

  store (target: KadId, answered: boolean, done: (holders: number[]) => void): Operation {
    const operation = new RunningOperation()

    this.#lookUp(operation, target, {
      onEnd: closest => { this.#storeWith(operation, closest, answered, done) }
    })

    return operation
  }

  /** Store a record as content-fetching and content-routing do: after the whole lookup, with ten peers at a time, and wait for all of them */
  #storeWith (operation: RunningOperation, closest: number[], answered: boolean, done: (holders: number[]) => void): void {
    const holders: number[] = []
    const end = (): void => { operation.end(() => { done(holders) }) }
    const queue = new TaskQueue<number>({
      concurrency: ALPHA,
      maxWaiting: Infinity,
      start: (node, finished) => {
        operation.started(this.#send(operation, node, answered, stored => {
          if (stored) {
            holders.push(node)
          }

          finished()
        }))
      },
      onIdle: end
    })

    closest.forEach(node => { queue.add(node) })

    if (closest.length === 0) {
      end()
    }
  }

  /** Start the operations that have waited for a peer or for the first self-query */
  #proceed (): void {
    if (this.buckets.size === 0) {
      return
    }

    if (this.#isSelfQueryDue) {
      this.#isSelfQueryDue = false
      this.#querySelf()
    }

    if (this.#hasQueriedSelf) {
      const waiting = [...this.#waiting]

      this.#waiting.clear()
      waiting.forEach(begin => { begin() })
    }
  }

  #querySelf (): void {
    const { clock, kadId, k } = this.#components
    const query = new RunningOperation()
    const timeoutMs = this.#hasQueriedSelf ? SELF_QUERY_TIMEOUT_MS : Infinity
    let events = 0
    const end = (): void => {
      query.end(() => {
        this.#hasQueriedSelf = true
        clock.schedule(SELF_QUERY_INTERVAL_MS, () => {
          this.#isSelfQueryDue = true
          this.#proceed()
        })
        this.#proceed()
      })
    }

    this.#lookUp(query, kadId, {
      isSelfQuery: true,
      timeoutMs,
      onEvents: more => {
        events += more

        if (events >= k) {
          // not at once, because the caller of this function has not finished yet
          query.started(clock.schedule(0, end))
        }
      },
      onEnd: end
    })
  }

  /** Look a key up, once there is a peer to ask and the first self-query is over */
  #lookUp (operation: RunningOperation, target: KadId, { isSelfQuery = false, timeoutMs = QUERY_TIMEOUT_MS, onAnswer, onEvents, onEnd }: LookUpOptions): void {
    const { clock } = this.#components
    const cancelTimeout = timeoutMs === Infinity
      ? () => {}
      : clock.schedule(timeoutMs, () => {
        cancel()
        onEnd([])
      })
    const begin = (): void => {
      const lookup = this.#lookup(operation, target, {
        onAnswer,
        onEvents,
        onEnd: closest => {
          cancelTimeout()
          onEnd(closest)
        }
      })

      cancel = () => { lookup.cancel() }
    }
    let cancel = (): void => { this.#waiting.delete(begin) }

    operation.started(() => {
      cancelTimeout()
      cancel()
    })

    if (this.buckets.size > 0 && (isSelfQuery || this.#hasQueriedSelf)) {
      begin()
    } else {
      this.#waiting.add(begin)
    }
  }

  #lookup (operation: RunningOperation, target: KadId, { onAnswer, onEvents, onEnd }: LookUpOptions): KadDHTLookup {
    const { world: { population }, clock, random, tables, k } = this.#components
    const { introductions = true, alpha = ALPHA, disjointPaths = ALPHA } = this.#init

    return new KadDHTLookup({
      proximity: new Proximity(population, target),
      clock,
      random,
      k,
      alpha,
      disjointPaths,
      seeds: this.buckets.closest(target, k),
      ask: (node, onEnd) => {
        const cancel = this.#send(operation, node, true, answered => {
          onEvents?.(answered ? EVENTS_PER_ANSWER : EVENTS_PER_FAILURE)

          if (!answered) {
            onEnd(undefined)
            return
          }

          const named = tables.named(node, target, k)

          this.#introductions.add(node)

          if (introductions) {
            named.forEach(other => { this.#introductions.add(other) })
          }

          onAnswer?.(node)
          onEnd(named)
        })

        onEvents?.(EVENTS_PER_START)

        return cancel
      },
      onEnd
    })
  }

  /** As in network.ts, one time-out covers dial, stream and answer. How the request ends changes the time-out of later requests. */
  #send (counter: { queries: number }, node: number, answered: boolean, onEnd: (succeeded: boolean) => void): () => void {
    return this.#request(counter, node, answered, this.#timeout, this.#timeout.timeoutMs, onEnd)
  }

  #ping (node: number, kind: 'new' | 'old', onEnd: (answered: boolean) => void): void {
    // as upstream: the time-out that is computed for old contacts is not used for their pings
    const timeoutMs = kind === 'new' ? Math.min(this.#pingTimeout.timeoutMs, PING_TIMEOUT_MS) : PING_TIMEOUT_MS

    this.#request(this.#background, node, true, kind === 'new' ? this.#pingTimeout : undefined, timeoutMs, onEnd)
  }

  #request (counter: { queries: number }, node: number, answered: boolean, timeout: AdaptiveTimeout | undefined, timeoutMs: number, onEnd: (succeeded: boolean) => void): () => void {
    const { clock } = this.#components
    const startedAtMs = clock.now
    const ended = (aborted: boolean): void => { timeout?.ended(clock.now - startedAtMs, aborted, clock.now) }
    let isOver = false
    const cancel = this.#requests.start({
      node,
      answered,
      timeoutMs,
      onSent: () => { counter.queries++ },
      onEnd: result => {
        isOver = true
        ended(result.aborted)
        onEnd(result.answered)
      }
    })

    return () => {
      if (!isOver) {
        isOver = true
        cancel()
        // upstream counts this as a failure
        ended(true)
      }
    }
  }
}
