import type { KBucketEntry } from './k-buckets.ts'

/**
 * How we came to know a peer: it answered us, or somebody else named it
 */
export type Introduction = 'answered' | 'named'

/**
 * Kademlia's replacement cache: a bounded set of peers that answered us or were
 * named to us and found no place in a k-bucket. When the cache is full, peers that were
 * only named leave before peers that answered, because anybody can name any number of
 * peers. Among equals, the peer that was heard of longest ago leaves first.
 */
export class ReplacementCache<P> {
  readonly #maxReplacements: number
  /** In both maps, the peer that was heard of longest ago comes first */
  readonly #answered = new Map<P, KBucketEntry<P>>()
  readonly #named = new Map<P, KBucketEntry<P>>()

  /**
   * @param maxReplacements - Peers it holds at most
   */
  constructor (maxReplacements: number) {
    this.#maxReplacements = maxReplacements
  }

  /** How many peers it holds */
  get size (): number {
    return this.#answered.size + this.#named.size
  }

  /** How we came to know a peer; undefined when it is not in the cache */
  get (peer: P): Introduction | undefined {
    if (this.#named.has(peer)) {
      return 'named'
    }

    return this.#answered.has(peer) ? 'answered' : undefined
  }

  /** The entry of a peer; undefined when it is not in the cache */
  entry (peer: P): KBucketEntry<P> | undefined {
    return this.#named.get(peer) ?? this.#answered.get(peer)
  }

  /**
   * Add a peer, or note that we heard of it again. A peer that has answered still counts as
   * one that answered when it is named later.
   *
   * @returns The peer that had to leave, which may be the one that was added
   */
  add (entry: KBucketEntry<P>, how: Introduction): KBucketEntry<P> | undefined {
    const { peer } = entry
    const before = this.get(peer)

    if (before !== undefined) {
      this.#peers(before).delete(peer)
    }

    this.#peers(before === 'answered' ? before : how).set(peer, entry)

    if (this.size <= this.#maxReplacements) {
      return undefined
    }

    const peers = this.#named.size > 0 ? this.#named : this.#answered
    const [leaving] = peers.values()
    peers.delete(leaving.peer)

    return leaving
  }

  /** Remove a peer, if it is in the cache */
  delete (peer: P): void {
    this.#answered.delete(peer)
    this.#named.delete(peer)
  }

  #peers (how: Introduction): Map<P, KBucketEntry<P>> {
    return how === 'answered' ? this.#answered : this.#named
  }
}
