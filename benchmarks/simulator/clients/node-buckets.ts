import { PrefixTrie } from '../../../src/keyspace/prefix-trie.ts'
import { headOf } from '../tables/key-index.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'
import type { Population } from '../world/population.ts'

/**
 * An entry of a client's routing table
 */
export interface BucketEntry {
  readonly node: number
  readonly bucket: number
  /** Time of the last answer that counts for the client's rules, ms */
  answeredAtMs: number
  /** Whether this entry gives its place to the next node that comes */
  replaceable: boolean
}

export interface NodeBucketsInit {
  population: Population
  /** How many entries a bucket has room for */
  capacity: number
  /** Number of the bucket that a kad id belongs to, from the first 32 bits of the kad id */
  bucketOf: (head: number) => number
}

/**
 * A client's routing table: k-buckets of node numbers
 */
export class NodeBuckets {
  readonly #init: NodeBucketsInit
  readonly #entries = new Map<number, BucketEntry>()
  readonly #buckets = new Map<number, Set<BucketEntry>>()
  readonly #trie = new PrefixTrie<number>()

  constructor (init: NodeBucketsInit) {
    this.#init = init
  }

  get size (): number {
    return this.#entries.size
  }

  /** The highest bucket that has entries; 0 when there are none */
  get last (): number {
    return Math.max(0, ...this.#buckets.keys())
  }

  /** Number of the bucket that a node belongs to, whether or not the node is in the table */
  bucketOf (node: number): number {
    return this.#init.bucketOf(this.#init.population.head(node))
  }

  /** Number of the bucket that a key belongs to */
  bucketOfKey (key: KadId): number {
    return this.#init.bucketOf(headOf(key))
  }

  get (node: number): BucketEntry | undefined {
    return this.#entries.get(node)
  }

  /** Every entry */
  entries (): BucketEntry[] {
    return [...this.#entries.values()]
  }

  /** The entries of one bucket, in the order in which they came */
  entriesOf (bucket: number): BucketEntry[] {
    return [...this.#buckets.get(bucket) ?? []]
  }

  /** Looks at the n entries of a bucket that came first, and returns those of them that have not answered since a time, ms */
  oldestOf (bucket: number, n: number, since: number): BucketEntry[] {
    const oldest: BucketEntry[] = []
    let looked = 0

    for (const entry of this.#buckets.get(bucket) ?? []) {
      if (looked++ === n) {
        break
      }

      if (entry.answeredAtMs <= since) {
        oldest.push(entry)
      }
    }

    return oldest
  }

  /** Whether a node's bucket has room for one more */
  hasRoomFor (node: number): boolean {
    return (this.#buckets.get(this.bucketOf(node))?.size ?? 0) < this.#init.capacity
  }

  /**
   * Add a node if its bucket has room or has an entry that is replaceable
   *
   * @returns Whether the node was added: false when it is already in the table or finds no place
   */
  add (node: number, now: number, replaceable: boolean): boolean {
    if (this.#entries.has(node)) {
      return false
    }

    if (!this.hasRoomFor(node)) {
      const replaced = this.#replaceable(this.bucketOf(node))

      if (replaced === undefined) {
        return false
      }

      this.remove(replaced.node)
    }

    const entry = { node, bucket: this.bucketOf(node), answeredAtMs: now, replaceable }
    const bucket = this.#buckets.get(entry.bucket)

    if (bucket === undefined) {
      this.#buckets.set(entry.bucket, new Set([entry]))
    } else {
      bucket.add(entry)
    }

    this.#entries.set(node, entry)
    this.#trie.set(this.#init.population.kadId(node), node)

    return true
  }

  /**
   * @returns Whether the node was in the table
   */
  remove (node: number): boolean {
    const entry = this.#entries.get(node)

    if (entry === undefined) {
      return false
    }

    const bucket = this.#buckets.get(entry.bucket)
    bucket?.delete(entry)

    if (bucket?.size === 0) {
      this.#buckets.delete(entry.bucket)
    }

    this.#entries.delete(node)
    this.#trie.delete(this.#init.population.kadId(node))

    return true
  }

  #replaceable (bucket: number): BucketEntry | undefined {
    for (const entry of this.#buckets.get(bucket) ?? []) {
      if (entry.replaceable) {
        return entry
      }
    }

    return undefined
  }

  /** The closest entries to a target, at most n, ascending XOR distance */
  closest (target: KadId, n: number): number[] {
    return this.#trie.closest(target, n).map(({ value }) => value)
  }
}
