import { BanditBucket } from './bandit-bucket.ts'
import { GoClient } from '../go/go-client.ts'
import type { Client, ClientComponents, OnReturn, OnSettled, OnStored, Operation, WalkResult } from '../client.ts'
import type { GoLimits } from '../go/go-limits.ts'
import type { GoWalkResult } from '../go/go-walk.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** The alpha of Kademlia, as section 2.1 of the paper has it */
const ALPHA = 3

/** Number of lookups through a bucket that make one epoch (section 5.1) */
const EPOCH_LOOKUPS = 100

/** Number of nodes outside the table that a bucket remembers, as a multiple of k. This is an assumption, because the paper sets no limit. */
const KNOWN_PER_K = 5

export interface KadabraClientInit {
  /** @default GO_LIMITS_2025 */
  limits?: GoLimits
  /** Number of lookups through a bucket that make one epoch @default 100 */
  epochLookups?: number
  /** The paper's rho, ms: only nodes whose answers take longer than this are explored. It protects against Sybils that are close by. @default 0 */
  minExploredLatencyMs?: number
}

/**
 * Kadabra (arXiv 2210.12858): Kademlia whose k-buckets keep the entries through which
 * lookups are fast.
 *
 * The paper leaves the iterative lookup to an appendix and says nothing of churn. So this
 * is assumed: A lookup goes through the bucket of its key's common prefix. Of that
 * bucket, it goes through those entries that answered and were among the first alpha
 * peers asked. Its time is that of the whole lookup. Lookups are plain Kademlia and end
 * when the k closest have answered. Entries come and go, and requests time out, as in
 * go-kad-dht. A peer that has answered and is not in the table may be explored. The
 * latency of its last answer is taken for its round trip time.
 */
export class KadabraClient implements Client {
  readonly #components: ClientComponents
  readonly #init: Required<Omit<KadabraClientInit, 'limits'>>
  readonly #go: GoClient
  readonly #bandits = new Map<number, BanditBucket>()
  /** For each bucket: peers that have answered and are not in the table, the oldest first, each with the latency of its last answer, ms */
  readonly #known = new Map<number, Map<number, number>>()

  constructor (components: ClientComponents, { limits, epochLookups = EPOCH_LOOKUPS, minExploredLatencyMs = 0 }: KadabraClientInit = {}) {
    this.#components = components
    this.#init = { epochLookups, minExploredLatencyMs }
    this.#go = new GoClient(components, {
      limits,
      alpha: ALPHA,
      beta: components.k,
      onAnswer: (node, latencyMs) => { this.#answered(node, latencyMs) },
      onWalk: (target, walk, durationMs) => { this.#walked(target, walk, durationMs) }
    })
  }

  start (): void {
    this.#go.start()
  }

  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation {
    return this.#go.closestPeers(target, done)
  }

  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation {
    return this.#go.findHolder(target, isHolder, done)
  }

  store (target: KadId, answered: boolean, done: OnReturn, onSettled?: OnSettled, onStored?: OnStored): Operation {
    return this.#go.store(target, answered, done, onSettled, onStored)
  }

  #answered (node: number, latencyMs: number): void {
    const known = this.#knownOf(this.#go.buckets.bucketOf(node))

    known.delete(node)

    if (this.#go.buckets.get(node) === undefined) {
      known.set(node, latencyMs)
    }

    if (known.size > KNOWN_PER_K * this.#components.k) {
      const [oldest] = known.keys()

      known.delete(oldest)
    }
  }

  #walked (target: KadId, { first, answered }: GoWalkResult, durationMs: number): void {
    const { clock, random } = this.#components
    const { buckets } = this.#go
    const bucket = buckets.bucketOfKey(target)
    const entries = buckets.entriesOf(bucket).map(({ node }) => node)
    const bandit = this.#bandits.get(bucket) ?? new BanditBucket({ epochLookups: this.#init.epochLookups, random })

    this.#bandits.set(bucket, bandit)

    const swap = bandit.lookedUp(first.filter(node => answered.has(node) && entries.includes(node)), durationMs, entries, () => this.#explorable(bucket))

    if (swap !== undefined) {
      buckets.remove(swap.out)
      buckets.add(swap.in, clock.now, false)
    }
  }

  #explorable (bucket: number): number[] {
    return [...this.#knownOf(bucket)]
      .filter(([node, latencyMs]) => latencyMs > this.#init.minExploredLatencyMs && this.#go.buckets.get(node) === undefined)
      .map(([node]) => node)
  }

  #knownOf (bucket: number): Map<number, number> {
    const known = this.#known.get(bucket) ?? new Map<number, number>()

    this.#known.set(bucket, known)

    return known
  }
}
