import { BanditBucket } from './bandit-bucket.ts'
import { GoClient } from '../go/go-client.ts'
import type { Client, ClientComponents, Operation, WalkResult } from '../client.ts'
import type { GoLimits } from '../go/go-limits.ts'
import type { GoWalkResult } from '../go/go-walk.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** Kademlia's, as the paper has it in section 2.1 */
const ALPHA = 3

/** Section 5.1: lookups through a bucket in one epoch */
const EPOCH_LOOKUPS = 100

/** Nodes outside the table that a bucket remembers, as a multiple of k: assumed, the paper sets no limit */
const KNOWN_PER_K = 5

export interface KadabraClientInit {
  /** @default GO_LIMITS_2025 */
  limits?: GoLimits
  /** Lookups through a bucket in one epoch @default 100 */
  epochLookups?: number
  /** The paper's rho: only nodes whose answers take longer than this are explored, against Sybils next door, ms @default 0 */
  minExploredLatencyMs?: number
}

/**
 * Kadabra (arXiv 2210.12858): Kademlia whose k-buckets keep the entries through which
 * lookups are fast.
 *
 * The paper leaves the iterative lookup to an appendix and says nothing of churn.
 * Assumed: a lookup goes through the bucket of its key's common prefix, and in it through
 * the entries among the first alpha asked that answered; its time is the whole lookup's;
 * lookups are plain Kademlia, at its end when the k closest have answered; entries come
 * and go, and requests time out, as in go-kad-dht; whoever has answered and is not in
 * the table may be explored; the latency of its last answer stands for its round trip.
 */
export class KadabraClient implements Client {
  readonly #components: ClientComponents
  readonly #init: Required<Omit<KadabraClientInit, 'limits'>>
  readonly #go: GoClient
  readonly #bandits = new Map<number, BanditBucket>()
  /** By bucket: who has answered and is not in the table, with the latency of the last answer, ms; the oldest first */
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

  store (target: KadId, answered: boolean, done: (holders: number[]) => void): Operation {
    return this.#go.store(target, answered, done)
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
