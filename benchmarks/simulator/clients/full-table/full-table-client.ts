import { crawlOf } from './crawl.ts'
import { EnoughOfMany } from './enough-of-many.ts'
import { GO_LIMITS_2025 } from '../go/go-limits.ts'
import { GoRequests } from '../go/go-requests.ts'
import { RequestBatch } from '../requests/request-batch.ts'
import { RunningOperation } from '../requests/running-operation.ts'
import type { Client, ClientComponents, Operation, WalkResult } from '../client.ts'
import type { GoLimits } from '../go/go-limits.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** go-kad-dht fullrt/dht.go `crawlInterval`, `timeoutPerOp`, ms */
const CRAWL_INTERVAL_MS = 3_600_000
const OPERATION_MS = 5_000

/** go-kad-dht crawler/crawler.go: one FIND_NODE for each common prefix length from 0 to 15 */
const MESSAGES_PER_PEER = 16

export interface FullTableClientInit {
  /** @default GO_LIMITS_2025 */
  limits?: GoLimits
}

/**
 * go-kad-dht's accelerated client (fullrt/dht.go). It crawls the network every hour. An
 * operation then asks the k closest of the peers that the crawl found, without a walk.
 *
 * Here a crawl takes no simulated time. It finds each peer that is online, can be dialled
 * without a relay, and is fast enough for the crawler's limit (15 s for 16 answers).
 */
export class FullTableClient implements Client {
  /** Number of crawls so far */
  crawls = 0
  /** Number of requests in all crawls together */
  crawlMessages = 0
  /** Number of dials in all crawls together, without those that failed */
  crawlDials = 0

  readonly #components: ClientComponents
  readonly #requests: GoRequests
  /** One bit for each node: whether the last crawl found it */
  #found: Uint8Array = new Uint8Array(0)

  constructor (components: ClientComponents, { limits = GO_LIMITS_2025 }: FullTableClientInit = {}) {
    this.#components = components
    this.#requests = new GoRequests(components, limits)
  }

  start (): void {
    this.#crawl()
    this.#components.clock.schedule(CRAWL_INTERVAL_MS, () => { this.start() })
  }

  /**
   * Upstream names the closest peers from its table and asks nobody. Here they are asked,
   * so that it is known who answers, and the operation waits for all of them.
   */
  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation {
    const operation = new RunningOperation()
    const batch = new RequestBatch({
      clock: this.#components.clock,
      nodes: this.#closest(target),
      start: (node, onEnd) => this.#ask(operation, node, onEnd),
      onEnd: ({ succeeded }) => { operation.end(() => { done({ closest: succeeded }) }) }
    })

    operation.started(() => { batch.cancel() })

    return operation
  }

  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation {
    const operation = new RunningOperation()
    const many = new EnoughOfMany({
      clock: this.#components.clock,
      nodes: this.#closest(target),
      start: (node, onEnd) => this.#ask(operation, node, answered => {
        if (answered && isHolder(node)) {
          operation.end(() => { done(true) })
        } else {
          onEnd(answered)
        }
      }),
      onEnd: () => { operation.end(() => { done(false) }) }
    })

    operation.started(() => { many.cancel() })

    return operation
  }

  store (target: KadId, answered: boolean, done: (holders: number[]) => void): Operation {
    const operation = new RunningOperation()
    const many = new EnoughOfMany({
      clock: this.#components.clock,
      nodes: this.#closest(target),
      start: (node, onEnd) => this.#requests.store(operation, node, answered, OPERATION_MS, onEnd),
      onEnd: holders => { operation.end(() => { done(holders) }) }
    })

    operation.started(() => { many.cancel() })

    return operation
  }

  #ask (operation: RunningOperation, node: number, onEnd: (answered: boolean) => void): () => void {
    return this.#requests.ask(operation, node, { onEnd: latencyMs => { onEnd(latencyMs !== undefined) } }, OPERATION_MS)
  }

  #closest (target: KadId): number[] {
    const { world: { population }, k } = this.#components

    return population.closest(target, k, node => (this.#found[node >> 3] & 1 << (node & 7)) !== 0)
  }

  #crawl (): void {
    const { world, clock } = this.#components
    const { found, count } = crawlOf(world, clock.now)

    this.#found = found
    this.crawls++
    this.crawlDials += count
    this.crawlMessages += count * MESSAGES_PER_PEER
  }
}
