import { PrefixTrie } from '../keyspace/prefix-trie.ts'
import type { KBucketEntry } from './k-buckets.ts'
import type { KadId } from '../keyspace/kad-id.ts'

/**
 * A peer that others have named to us, and that we have not asked
 */
export interface NamedPeer<P> extends KBucketEntry<P> {
  /** Who named it first */
  readonly referrer: P
  /** When it was last named, ms */
  namedAt: number
}

/** A peer is told of again when it is named in another of these spaces of time, ms: who keeps the peers on disk writes each once in an hour */
const TOLD_EVERY_MS = 3_600_000

/**
 * Remembers the peers that were named to us and that we have not asked. When there are too
 * many, one leaves of those of the referrer that has named the most of them, the one named
 * longest ago. So a peer that names inventions without end pushes out its own, and nobody
 * else's.
 */
export class NamedPeers<P extends string | number> {
  readonly #maxPeers: number
  readonly #onChange: (peer: P) => void
  readonly #peers = new Map<P, NamedPeer<P>>()
  readonly #byReferrer = new Map<P, Set<P>>()
  /** The referrers by how many peers they have: the index is the number */
  readonly #byCount: Array<Set<P> | undefined> = []
  readonly #trie = new PrefixTrie<NamedPeer<P>>()

  /**
   * @param maxPeers - Peers it holds at most
   * @param onChange - Called for each peer that is new, that has left, or whose `namedAt` has grown by an hour or so
   */
  constructor (maxPeers: number, onChange: (peer: P) => void = () => {}) {
    this.#maxPeers = maxPeers
    this.#onChange = onChange
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
    return this.#trie.closest(target, n, accept).map(({ value }) => value)
  }

  /** All of them, the one named longest ago first */
  peers (): Iterable<P> {
    return this.#peers.keys()
  }

  /** A peer was named. One that is here already keeps its place and its referrer. */
  add (entry: KBucketEntry<P>, referrer: P, now: number): void {
    const known = this.#peers.get(entry.peer)
    const isNews = known === undefined || Math.floor(now / TOLD_EVERY_MS) > Math.floor(known.namedAt / TOLD_EVERY_MS)

    if (known !== undefined) {
      known.namedAt = now
    } else {
      this.restore(entry, referrer, now)
    }

    if (isNews && this.#peers.has(entry.peer)) {
      this.#onChange(entry.peer)
    }
  }

  /** Take in a peer as it was kept elsewhere. Restore those that were named longest ago first. */
  restore (entry: KBucketEntry<P>, referrer: P, namedAt: number): void {
    if (this.#peers.has(entry.peer) || this.#maxPeers === 0) {
      return
    }

    const { peer, kadId } = entry
    const named = { peer, kadId, referrer, namedAt }
    this.#peers.set(peer, named)
    this.#trie.set(kadId, named)
    this.#count(referrer, peers => { peers.add(peer) })

    if (this.#peers.size > this.#maxPeers) {
      this.#dropOne()
    }
  }

  /** Remove a peer, if it is here */
  delete (peer: P): void {
    const named = this.#peers.get(peer)

    if (named !== undefined) {
      this.#peers.delete(peer)
      this.#trie.delete(named.kadId)
      this.#count(named.referrer, peers => { peers.delete(peer) })
      this.#onChange(peer)
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
