import type { KeyIndex } from './key-index.ts'
import type { Presence } from './presence.ts'

/** Number of peers that a walk asks on its way to the closest ones: its first wave of alpha, and as many again */
const ON_THE_WAY = 10

/** A part of the keyspace with at most this many times k nodes is searched. In a larger one, the nodes next to the key are taken. */
const SEARCHED_PER_K = 4

/**
 * The peers that the lookups of tables' refreshes meet. A lookup is not played message by
 * message. It is assumed to succeed, so it finds the closest peers that can be dialled.
 */
export class WalkedPeers {
  readonly #index: KeyIndex
  readonly #presence: Presence
  readonly #next: () => number
  readonly #k: number
  readonly #accept: (node: number) => boolean

  /**
   * @param next - Gives uniform random numbers of 32 bits
   */
  constructor ({ index, presence, next, k }: { index: KeyIndex, presence: Presence, next: () => number, k: number }) {
    this.#index = index
    this.#presence = presence
    this.#next = next
    this.#k = k
    this.#accept = node => presence.answersDial(node)
  }

  /** A random key whose common prefix with a head has exactly this length, 0 to 31 */
  keyAt (head: number, shared: number): number {
    const kept = ~(0xffffffff >>> shared)
    const flipped = 0x80000000 >>> shared

    return ((head & kept) | (~head & flipped) | (this.#next() & (flipped - 1))) >>> 0
  }

  /** Number of nodes, online or not, that share this many bits with a head */
  population (head: number, bits: number): number {
    const { from, to } = this.#index.range(head, bits)

    return to - from
  }

  /**
   * The peers that a lookup of the node's own kad id asks: the k closest peers, and maybe
   * the node itself. Such a lookup knows the node's neighbourhood already.
   *
   * @param found - The peers are written to its beginning
   * @returns Number of peers
   */
  askNeighbours (owner: number, found: number[]): number {
    return this.#index.closest(this.#index.heads[owner], this.#k + 1, this.#accept, found)
  }

  /**
   * The peers that a lookup asks: some on its way, in random order, then the k closest
   * to its key
   *
   * @param bits - The node that asks knows peers which share this many bits with the key. The way leads through those.
   * @param found - The peers are written to its beginning
   * @param every - Only every n-th peer is taken. Where the part of the keyspace is searched, all are.
   * @returns Number of peers
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

    // nodes next to the key in sorted order are close to it, and which of them exactly does not matter here
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
