import { PrefixTrie } from '../keyspace/prefix-trie.ts'
import { compareDistance } from '../keyspace/xor-distance.ts'
import { UnindexedPeers } from './unindexed-peers.ts'
import type { KBucketEntry } from './k-buckets.ts'
import type { KadId } from '../keyspace/kad-id.ts'

/**
 * Where a peer that could be a replacement is. An `inside` peer is in the k-buckets and would
 * be asked in any case. An `outside` peer is not. A `named` peer is outside too, but was only
 * named to us. Such peers come and go all the time.
 */
export type SparePlace = 'named' | 'outside' | 'inside'

/**
 * Pairs each poor peer with a replacement: the closest peer by XOR distance among those
 * that replace nobody yet. A peer inside the k-buckets is used only while nobody outside
 * is left. A pair stays together until one of the two changes, even when a closer peer
 * turns up.
 */
export class Replacements<P> {
  readonly #poor = new Map<P, KBucketEntry<P>>()
  /** Poor peers without a replacement */
  readonly #waiting = new Set<KBucketEntry<P>>()
  /** Poor peers whose replacement is inside the k-buckets */
  readonly #borrowing = new Set<KBucketEntry<P>>()
  readonly #spare = new Map<P, Spare<P>>()
  /** Possible replacements that replace nobody, by place */
  readonly #free = { named: new UnindexedPeers<P>(), outside: new PrefixTrie<Spare<P>>(), inside: new PrefixTrie<Spare<P>>() }
  readonly #byPoor = new Map<P, Spare<P>>()
  readonly #poorByReplacement = new Map<P, KBucketEntry<P>>()
  readonly #onChange: (peer: P) => void

  /**
   * @param onChange - Called for each of the two peers when a pair forms or parts
   */
  constructor (onChange: (peer: P) => void) {
    this.#onChange = onChange
  }

  /** How many poor peers have a replacement */
  get pairs (): number {
    return this.#byPoor.size
  }

  /** Every poor peer, the one that has been poor the longest first */
  poor (): Iterable<KBucketEntry<P>> {
    return this.#poor.values()
  }

  /** Whether a peer is poor */
  isPoor (peer: P): boolean {
    return this.#poor.has(peer)
  }

  /** The replacement of a poor peer, if it has one */
  replacementOf (poor: P): P | undefined {
    return this.#byPoor.get(poor)?.entry.peer
  }

  /** The poor peer that a peer replaces, if it does */
  replaces (replacement: P): P | undefined {
    return this.#poorByReplacement.get(replacement)?.peer
  }

  /** Say whether a peer is poor. The replacement of a peer that is no longer poor becomes free. */
  setPoor (entry: KBucketEntry<P>, isPoor: boolean): void {
    const known = this.#poor.get(entry.peer)

    if (isPoor === (known !== undefined)) {
      return
    }

    if (known === undefined) {
      this.#poor.set(entry.peer, entry)
      this.#waiting.add(entry)
      return
    }

    this.#part(known)
    this.#poor.delete(entry.peer)
    this.#waiting.delete(known)
  }

  /** Say where a possible replacement is, or that a peer is none (undefined). When it is none any more, or moves inside, the poor peer that it replaced needs another. */
  setSpare (entry: KBucketEntry<P>, place: SparePlace | undefined): void {
    const before = this.#spare.get(entry.peer)

    if (place === before?.place) {
      return
    }

    if (before !== undefined) {
      const poor = this.#poorByReplacement.get(entry.peer)

      if (poor !== undefined && isOutside(before.place) && isOutside(place)) {
        before.place = place
        return
      }

      if (poor !== undefined) {
        this.#part(poor)
      }

      this.#take(before)
      this.#spare.delete(entry.peer)
    }

    if (place !== undefined) {
      const spare = { entry, place }
      this.#offer(spare)
      this.#spare.set(entry.peer, spare)
    }
  }

  /** Give a replacement to every poor peer that has none, as long as there are any */
  match (): void {
    if (this.#waiting.size > 0 || this.#borrowing.size > 0) {
      this.#pair(this.#waiting, kadId => this.#closestOutside(kadId))
      this.#pair(this.#borrowing, kadId => this.#closestOutside(kadId))
      this.#pair(this.#waiting, kadId => this.#free.inside.closest(kadId, 1).at(0)?.value)
    }
  }

  #pair (poorPeers: Iterable<KBucketEntry<P>>, closest: (kadId: KadId) => Spare<P> | undefined): void {
    for (const poor of poorPeers) {
      const replacement = closest(poor.kadId)

      if (replacement === undefined) {
        return
      }

      this.#part(poor)
      this.#waiting.delete(poor)
      this.#take(replacement)
      this.#byPoor.set(poor.peer, replacement)
      this.#poorByReplacement.set(replacement.entry.peer, poor)

      if (replacement.place === 'inside') {
        this.#borrowing.add(poor)
      }

      this.#onChange(poor.peer)
      this.#onChange(replacement.entry.peer)
    }
  }

  /** Part a poor peer from its replacement, if it has one */
  #part (poor: KBucketEntry<P>): void {
    const replacement = this.#byPoor.get(poor.peer)

    if (replacement === undefined) {
      return
    }

    this.#byPoor.delete(poor.peer)
    this.#poorByReplacement.delete(replacement.entry.peer)
    this.#borrowing.delete(poor)
    this.#waiting.add(poor)
    this.#offer(replacement)
    this.#onChange(poor.peer)
    this.#onChange(replacement.entry.peer)
  }

  /** Note that a peer replaces nobody and could do so */
  #offer (spare: Spare<P>): void {
    if (spare.place === 'named') {
      this.#free.named.add(spare.entry)
    } else {
      this.#free[spare.place].set(spare.entry.kadId, spare)
    }
  }

  #take (spare: Spare<P>): void {
    if (spare.place === 'named') {
      this.#free.named.delete(spare.entry.peer)
    } else {
      this.#free[spare.place].delete(spare.entry.kadId)
    }
  }

  #closestOutside (target: KadId): Spare<P> | undefined {
    const named = this.#free.named.closest(target)
    const other = this.#free.outside.closest(target, 1).at(0)?.value

    return named === undefined || (other !== undefined && compareDistance(target, other.entry.kadId, named.kadId) < 0)
      ? other
      : this.#spare.get(named.peer)
  }
}

interface Spare<P> {
  readonly entry: KBucketEntry<P>
  place: SparePlace
}

function isOutside (place: SparePlace | undefined): place is 'named' | 'outside' {
  return place === 'named' || place === 'outside'
}
