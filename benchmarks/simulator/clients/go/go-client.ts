import { headOf, sharedBits } from '../../tables/key-index.ts'
import { GO_LIMITS_2025 } from './go-limits.ts'
import { GoRefresh } from './go-refresh.ts'
import { GoRequests } from './go-requests.ts'
import { GoWalk } from './go-walk.ts'
import { NetworkSize } from './network-size.ts'
import { NodeBuckets } from '../node-buckets.ts'
import { OptimisticProvide } from './optimistic-provide.ts'
import { RequestBatch } from '../requests/request-batch.ts'
import { RunningOperation } from '../requests/running-operation.ts'
import type { Client, ClientComponents, OnReturn, OnSettled, OnStored, Operation, WalkResult } from '../client.ts'
import type { GoLimits } from './go-limits.ts'
import type { GoWalkInit, GoWalkResult } from './go-walk.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** go-kad-dht amino/defaults.go `DefaultConcurrency`, `DefaultResiliency` */
const ALPHA = 10
const BETA = 3

/** go-kad-dht lookup_optim.go: an optimistic provide gives up storing a record after a minute, ms */
const OPTIMISTIC_STORE_MS = 60_000

export interface GoClientInit {
  /** @default GO_LIMITS_2025 */
  limits?: GoLimits
  /** Requests of one lookup at the same time @default 10 */
  alpha?: number
  /** A walk ends when this many of the closest peers have answered @default 3 */
  beta?: number
  /** Provide records without waiting for the whole walk and all stores, once the size of the network is known @default false */
  optimisticProvide?: boolean
  /** Called for each answer to a lookup, after the table has taken note of it */
  onAnswer?: (node: number, latencyMs: number) => void
  /**
   * Called for each lookup that was not cancelled, lookups of the table's refresh included.
   * It is called before the result is given to whoever asked for it.
   */
  onWalk?: (target: KadId, walk: GoWalkResult, durationMs: number) => void
}

type Suffices = NonNullable<GoWalkInit['suffices']>

/**
 * go-kad-dht, as a client
 */
export class GoClient implements Client {
  readonly buckets: NodeBuckets
  readonly requests: GoRequests

  readonly #components: ClientComponents
  readonly #init: Required<Pick<GoClientInit, 'limits' | 'alpha' | 'beta' | 'optimisticProvide'>> & GoClientInit
  readonly #refresh: GoRefresh
  readonly #networkSize: NetworkSize
  /** Counts requests that belong to no operation */
  readonly #background = { queries: 0 }

  constructor (components: ClientComponents, init: GoClientInit = {}) {
    const { world: { population }, kadId, k } = components
    const own = headOf(kadId)

    this.#components = components
    this.#init = {
      ...init,
      limits: init.limits ?? GO_LIMITS_2025,
      alpha: init.alpha ?? ALPHA,
      beta: init.beta ?? BETA,
      optimisticProvide: init.optimisticProvide ?? false
    }
    this.requests = new GoRequests(components, this.#init.limits)
    this.#networkSize = new NetworkSize(population, k)
    // upstream splits its last bucket when that one is full, which gives the same table as a bucket for each
    // common prefix length
    this.buckets = new NodeBuckets({ population, capacity: k, bucketOf: head => sharedBits(own, head) })
    this.#refresh = new GoRefresh({
      components,
      buckets: this.buckets,
      alpha: this.#init.alpha,
      walk: (target, onEnd) => {
        const walk = this.#walk(this.#background, target, { onEnd })

        return () => { walk.cancel() }
      },
      ping: (node, onEnd) => this.requests.ask(this.#background, node, { onEnd: latencyMs => { onEnd(latencyMs !== undefined) } })
    })
  }

  start (): void {
    this.#refresh.start()
  }

  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation {
    return this.lookUp(target, ({ peers, answered, hops }) => { done({ closest: peers.filter(node => answered.has(node)), hops }) })
  }

  /** Look a key up, and learn of peers that have not answered, too, as all of upstream's own code does */
  lookUp (target: KadId, done: (result: GoWalkResult) => void): Operation {
    const operation = new RunningOperation()
    const walk = this.#walk(operation, target, {
      onEnd: result => { operation.end(() => { done(result) }) }
    })

    operation.started(() => { walk.cancel() })

    return operation
  }

  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation {
    const operation = new RunningOperation()
    const walk = this.#walk(operation, target, {
      onAnswer: node => {
        if (isHolder(node)) {
          operation.end(() => { done(true) })
        }
      },
      onEnd: () => { operation.end(() => { done(false) }) }
    })

    operation.started(() => { walk.cancel() })

    return operation
  }

  store (target: KadId, answered: boolean, done: OnReturn, onSettled?: OnSettled, onStored?: OnStored): Operation {
    const networkSize = this.#networkSize.estimate(this.#components.clock.now)

    // upstream provides optimistically for provider records only
    if (this.#init.optimisticProvide && !answered && networkSize !== undefined) {
      return this.#provideOptimistically(target, networkSize, { done, onSettled, onStored })
    }

    const operation = new RunningOperation()
    const walk = this.#walk(operation, target, {
      onEnd: ({ peers, hops }) => {
        const batch = new RequestBatch({
          clock: this.#components.clock,
          nodes: peers,
          start: (node, onEnd) => this.requests.store(operation, node, answered, Infinity, onEnd),
          onEnd: ({ succeeded }) => { operation.end(() => { done(succeeded, { hops }) }) }
        })

        operation.started(() => { batch.cancel() })
      }
    })

    operation.started(() => { walk.cancel() })

    return operation
  }

  #provideOptimistically (target: KadId, networkSize: number, { done, onSettled, onStored }: { done: OnReturn, onSettled?: OnSettled, onStored?: OnStored }): Operation {
    const { world: { population }, k } = this.#components
    const operation = new RunningOperation()
    const stores: Array<() => void> = []
    const provide = new OptimisticProvide({
      population,
      target,
      k,
      networkSize,
      store: (node, onEnd) => {
        stores.push(this.requests.store(operation, node, false, OPTIMISTIC_STORE_MS, stored => {
          if (stored) {
            onStored?.(node)
          }

          onEnd(stored)
        }))
      },
      onReturn: (holders, goesOn) => {
        // the stores that are still under way go on when the operation has ended
        stores.length = 0
        operation.end(() => { done(holders, { goesOn }) })
      },
      onSettled
    })
    const walk = this.#walk(operation, target, {
      suffices: candidates => provide.suffices(candidates),
      onEnd: ({ peers }) => { provide.walked(peers) }
    })

    operation.started(() => {
      walk.cancel()
      stores.forEach(cancel => { cancel() })
    })

    return operation
  }

  #walk (counter: { queries: number }, target: KadId, { onEnd, onAnswer, suffices }: { onEnd: (result: GoWalkResult) => void, onAnswer?: (node: number) => void, suffices?: Suffices }): GoWalk {
    const { world: { population }, tables, clock, connections, k, networkK } = this.#components
    const { alpha, beta, limits: { drains } } = this.#init
    const startedAtMs = clock.now

    return new GoWalk({
      population,
      clock,
      target,
      k,
      alpha,
      beta,
      drains,
      suffices,
      seeds: this.buckets.closest(target, k),
      isConnected: node => connections.isOpen(node),
      ask: (node, followUp, { onConnected, onEnd }) => this.requests.ask(counter, node, {
        onConnected,
        onEnd: latencyMs => {
          if (latencyMs === undefined) {
            // as upstream: a peer that does not answer to a follow-up request stays in the table
            if (!followUp) {
              this.#evict(node)
            }

            onEnd(undefined)
            return
          }

          this.#answered(node, latencyMs)
          onAnswer?.(node)
          onEnd(tables.named(node, target, networkK))
        }
      }),
      onEnd: result => {
        if (result.completed) {
          this.#networkSize.track(target, result.closest, clock.now)
          this.#refresh.lookedUp(target)
        }

        this.#init.onWalk?.(target, result, clock.now - startedAtMs)
        onEnd(result)
      }
    })
  }

  #answered (node: number, latencyMs: number): void {
    const { clock } = this.#components
    const entry = this.buckets.get(node)

    if (entry !== undefined) {
      entry.answeredAtMs = clock.now
    } else if (this.buckets.add(node, clock.now, this.#refresh.isBootstrapping)) {
      this.#refresh.tableChanged()
    }

    this.#init.onAnswer?.(node, latencyMs)
  }

  #evict (node: number): void {
    if (this.buckets.remove(node)) {
      this.#refresh.tableChanged()
    }
  }
}
