import { headOf } from '../keyspace/head-of.ts'
import { compareDistance } from '../keyspace/xor-distance.ts'
import type { KBucketEntry } from './k-buckets.ts'
import type { KadId } from '../keyspace/kad-id.ts'

/**
 * A set of peers without an index: the closest to a target is found by looking at all of
 * them. This is for about a thousand peers that come and go much more often than one is
 * looked for. To keep them in a `PrefixTrie` would take more time.
 */
export class UnindexedPeers<P> {
  readonly #places = new Map<P, number>()
  readonly #entries: Array<KBucketEntry<P>> = []
  /** The first 32 bits of each kad id, which decide nearly every comparison */
  readonly #heads: number[] = []

  /** Add a peer that is not in the set */
  add (entry: KBucketEntry<P>): void {
    this.#places.set(entry.peer, this.#entries.length)
    this.#entries.push(entry)
    this.#heads.push(headOf(entry.kadId))
  }

  /** Remove a peer, if it is in the set */
  delete (peer: P): void {
    const place = this.#places.get(peer)

    if (place === undefined) {
      return
    }

    const entry = this.#entries.pop() as KBucketEntry<P>
    const head = this.#heads.pop() as number

    // the last peer takes the place of the removed one
    if (place < this.#entries.length) {
      this.#entries[place] = entry
      this.#heads[place] = head
      this.#places.set(entry.peer, place)
    }

    this.#places.delete(peer)
  }

  /** The closest peer to a target by XOR distance; undefined when the set is empty */
  closest (target: KadId): KBucketEntry<P> | undefined {
    const entries = this.#entries
    const heads = this.#heads
    const head = headOf(target)
    let closest = 0
    let distance = Infinity

    for (let i = 0; i < heads.length; i++) {
      const other = (heads[i] ^ head) >>> 0

      if (other < distance || (other === distance && compareDistance(target, entries[i].kadId, entries[closest].kadId) < 0)) {
        closest = i
        distance = other
      }
    }

    return entries[closest]
  }
}
