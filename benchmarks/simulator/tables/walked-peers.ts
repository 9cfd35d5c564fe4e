import type { KeyIndex } from './key-index.ts'
import type { Presence } from './presence.ts'

/** Peers that a walk asks on its way to the closest ones: those of its first wave of alpha, and as many again */
const ON_THE_WAY = 10

/** A part of the keyspace with so many times k nodes is searched; in a larger one those beside the key are taken */
const SEARCHED_PER_K = 4

/**
 * Whom the lookups of the tables' refreshes meet. A lookup isn't played message by
 * message: it is taken to succeed, and so to find the closest peers that can be
 * reached by a dial.
 */
export class WalkedPeers {
  readonly #index: KeyIndex
  readonly #presence: Presence
  readonly #next: () => number
  readonly #k: number
  readonly #accept: (node: number) => boolean

  /**
   * @param next - Uniform random numbers of 32 bits
   */
  constructor ({ index, presence, next, k }: { index: KeyIndex, presence: Presence, next: () => number, k: number }) {
    this.#index = index
    this.#presence = presence
    this.#next = next
    this.#k = k
    this.#accept = node => presence.answersDial(node)
  }

  /** A random key whose common prefix with a head is exactly so long, 0 to 31 */
  keyAt (head: number, shared: number): number {
    const kept = ~(0xffffffff >>> shared)
    const flipped = 0x80000000 >>> shared

    return ((head & kept) | (~head & flipped) | (this.#next() & (flipped - 1))) >>> 0
  }

  /** How many nodes, online or not, share so many bits with a head */
  population (head: number, bits: number): number {
    const { from, to } = this.#index.range(head, bits)

    return to - from
  }

  /**
   * Those that a lookup of oneself asks, which knows its neighbourhood already: the k
   * closest peers, and maybe itself
   *
   * @param found - Gets them at its beginning
   * @returns How many there are
   */
  askNeighbours (owner: number, found: number[]): number {
    return this.#index.closest(this.#index.heads[owner], this.#k + 1, this.#accept, found)
  }

  /**
   * The peers that a lookup asks: some on its way, in random order, then the k closest
   * to its key
   *
   * @param bits - How many bits of the key whoever asks has peers for already: the way leads through those
   * @param found - Gets them at its beginning
   * @param every - Only every so many of them; all of them where the part of the keyspace is searched
   * @returns How many there are
   */
  ask (key: number, bits: number, found: number[], every = 1): number {
    const { nodes } = this.#index
    const { from, to } = this.#index.range(key, bits)

    if (to - from <= SEARCHED_PER_K * this.#k) {
      return this.#index.closest(key, this.#k, this.#accept, found)
    }

    let count = 0

    for (let i = 0; i < ON_THE_WAY; i += every) {
      const node = nodes[from + (this.#next() >>> 0) % (to - from)]

      if (this.#presence.answersDial(node)) {
        found[count++] = node
      }
    }

    // beside the key in sorted order is close to it: which of them exactly doesn't matter here
    const wanted = count + Math.ceil(this.#k / every)
    const middle = this.#index.lowerBound(key)

    for (let step = 0; count < wanted && (middle + step < to || middle - step > from); step++) {
      if (middle + step < to && this.#presence.answersDial(nodes[middle + step])) {
        found[count++] = nodes[middle + step]
      }

      if (middle - step - 1 >= from && this.#presence.answersDial(nodes[middle - step - 1])) {
        found[count++] = nodes[middle - step - 1]
      }
    }

    return count
  }
}
