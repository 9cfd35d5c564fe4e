import { PrefixTrie } from '../keyspace/prefix-trie.ts'
import type { KBucketEntry } from './k-buckets.ts'

/**
 * Pairs each poor peer with a spare one that stands in for it: the closest to it
 * by XOR distance among those that stand in for nobody yet. A pair stays
 * together until one of the two changes, even when a closer spare peer turns up.
 */
export class StandIns<P> {
  readonly #poor = new Map<P, KBucketEntry<P>>()
  /** Poor peers for whom nobody stands in */
  readonly #waiting = new Set<KBucketEntry<P>>()
  /** Spare peers that stand in for nobody */
  readonly #free = new PrefixTrie<KBucketEntry<P>>()
  readonly #standInByPoor = new Map<P, KBucketEntry<P>>()
  readonly #poorByStandIn = new Map<P, KBucketEntry<P>>()

  /** Every poor peer, the one that has been poor the longest first */
  poor (): Iterable<KBucketEntry<P>> {
    return this.#poor.values()
  }

  /** Who stands in for a poor peer, if somebody does */
  standInOf (poor: P): P | undefined {
    return this.#standInByPoor.get(poor)?.peer
  }

  /** For whom a peer stands in, if it does */
  standsInFor (standIn: P): P | undefined {
    return this.#poorByStandIn.get(standIn)?.peer
  }

  /** Say whether a peer is poor; when it no longer is, its stand-in is free again */
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

    const standIn = this.#standInByPoor.get(entry.peer)

    if (standIn !== undefined) {
      this.#part(known, standIn)
      this.#free.set(standIn.kadId, standIn)
    }

    this.#poor.delete(entry.peer)
    this.#waiting.delete(known)
  }

  /** Say whether a peer is spare; when it no longer is, whom it stood in for waits for another */
  setSpare (entry: KBucketEntry<P>, isSpare: boolean): void {
    const poor = this.#poorByStandIn.get(entry.peer)

    if (isSpare && poor === undefined) {
      this.#free.set(entry.kadId, entry)
    } else if (!isSpare) {
      this.#free.delete(entry.kadId)

      if (poor !== undefined) {
        this.#part(poor, entry)
      }
    }
  }

  /** Give a stand-in to every poor peer that has none, as long as there are spare ones */
  match (): void {
    for (const poor of this.#waiting) {
      if (this.#free.size === 0) {
        return
      }

      const [{ value: standIn }] = this.#free.closest(poor.kadId, 1)
      this.#free.delete(standIn.kadId)
      this.#waiting.delete(poor)
      this.#standInByPoor.set(poor.peer, standIn)
      this.#poorByStandIn.set(standIn.peer, poor)
    }
  }

  #part (poor: KBucketEntry<P>, standIn: KBucketEntry<P>): void {
    this.#standInByPoor.delete(poor.peer)
    this.#poorByStandIn.delete(standIn.peer)
    this.#waiting.add(poor)
  }
}
