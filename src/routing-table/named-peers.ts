import { PrefixTrie } from '../keyspace/prefix-trie.ts'
import type { KBucketEntry } from './k-buckets.ts'
import type { KadId } from '../keyspace/kad-id.ts'

/**
 * A peer that others have named to us, and that we have not asked
 */
export interface NamedPeer<P> {
  readonly entry: KBucketEntry<P>
  /** Who named it first */
  readonly referrer: P
}

/**
 * Remembers the peers that were named to us and that we have not asked. When there are too
 * many, one leaves of those of the referrer that has named the most of them, the one named
 * longest ago. So a peer that names inventions without end pushes out its own, and nobody
 * else's.
 */
export class NamedPeers<P extends string | number> {
  readonly #maxPeers: number
  readonly #peers = new Map<P, NamedPeer<P>>()
  readonly #byReferrer = new Map<P, Set<P>>()
  /** The referrers by how many peers they have: the index is the number */
  readonly #byCount: Array<Set<P> | undefined> = []
  readonly #trie = new PrefixTrie<NamedPeer<P>>()

  /**
   * @param maxPeers - Peers it holds at most
   */
  constructor (maxPeers: number) {
    this.#maxPeers = maxPeers
  }

  /** How many peers it holds */
  get size (): number {
    return this.#peers.size
  }

  get (peer: P): NamedPeer<P> | undefined {
    return this.#peers.get(peer)
  }

  /** The `n` accepted ones that are closest to a target, by ascending XOR distance */
  closest (target: KadId, n: number, accept: (entry: KBucketEntry<P>) => boolean): Array<KBucketEntry<P>> {
    return this.#trie.closest(target, n, ({ entry }) => accept(entry)).map(({ value }) => value.entry)
  }

  /** All of them, the one named longest ago first */
  peers (): Iterable<P> {
    return this.#peers.keys()
  }

  /** A peer was named. One that is here already stays as it is. */
  add (entry: KBucketEntry<P>, referrer: P): void {
    if (this.#peers.has(entry.peer) || this.#maxPeers === 0) {
      return
    }

    const named = { entry, referrer }
    this.#peers.set(entry.peer, named)
    this.#trie.set(entry.kadId, named)
    this.#count(referrer, peers => { peers.add(entry.peer) })

    if (this.#peers.size > this.#maxPeers) {
      this.#dropOne()
    }
  }

  /** Remove a peer, if it is here */
  delete (peer: P): void {
    const named = this.#peers.get(peer)

    if (named !== undefined) {
      this.#peers.delete(peer)
      this.#trie.delete(named.entry.kadId)
      this.#count(named.referrer, peers => { peers.delete(peer) })
    }
  }

  #dropOne (): void {
    const [referrer] = this.#byCount.at(-1) ?? []
    const [oldest] = this.#byReferrer.get(referrer) ?? []

    this.delete(oldest)
  }

  /** Change the peers of a referrer, and keep the index of their number */
  #count (referrer: P, change: (peers: Set<P>) => void): void {
    const peers = this.#byReferrer.get(referrer) ?? new Set()

    this.#byCount[peers.size]?.delete(referrer)
    change(peers)

    if (peers.size === 0) {
      this.#byReferrer.delete(referrer)
    } else {
      this.#byReferrer.set(referrer, peers)
      ;(this.#byCount[peers.size] ??= new Set()).add(referrer)
    }

    while (this.#byCount.length > 0 && (this.#byCount.at(-1)?.size ?? 0) === 0) {
      this.#byCount.pop()
    }
  }
}
