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
  /** When it answered the last time that counts, ms */
  answeredAtMs: number
  /** Whether it makes room for anybody who comes */
  replaceable: boolean
}

export interface NodeBucketsInit {
  population: Population
  /** Entries of a bucket */
  capacity: number
  /** Which bucket a kad id belongs to, by its first 32 bits */
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

  /** Which bucket a node belongs to, whether it is here or not */
  bucketOf (node: number): number {
    return this.#init.bucketOf(this.#init.population.head(node))
  }

  /** Which bucket a key belongs to */
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

  /** The entries of one bucket, those that came first first */
  entriesOf (bucket: number): BucketEntry[] {
    return [...this.#buckets.get(bucket) ?? []]
  }

  /** Of the n entries of one bucket that came first those that have not answered since a time, ms */
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
   * Add a node where its bucket has room, or an entry that is replaceable
   *
   * @returns Whether it was added; false when it is here already
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
   * @returns Whether it was here
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
