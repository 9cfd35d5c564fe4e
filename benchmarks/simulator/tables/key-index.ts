import { headOf as signedHeadOf } from '../../../src/keyspace/head-of.ts'
import { compareDistance } from '../../../src/keyspace/xor-distance.ts'
import type { Population } from '../world/population.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** Number of bits in a head, which is the first part of a kad id */
const HEAD_BITS = 32

/** A block of this many nodes or fewer is sorted and not divided further */
const SMALL_BLOCK = 12

/** The index keeps a table of where each prefix begins. Prefixes in it have at most this many bits, which takes 64 MiB. */
const MAX_NOTED_BITS = 24

/**
 * The first 32 bits of a kad id as an unsigned number. They are enough for nearly every
 * comparison.
 */
export function headOf (kadId: KadId): number {
  return signedHeadOf(kadId) >>> 0
}

/** The number of leading bits that two heads share, 0 to 32 */
export function sharedBits (a: number, b: number): number {
  return Math.clz32(a ^ b)
}

/**
 * The nodes of a population, sorted by kad id, in typed arrays. The tables look nodes up
 * so often that this needs to be fast. The index only knows the first 32 bits of a kad
 * id. Nodes with the same first 32 bits count as equally close, except in `compare`.
 */
export class KeyIndex {
  /** The nodes in the order of their kad ids */
  readonly nodes: Uint32Array
  /** The head of each node, in the same order */
  readonly heads: Uint32Array
  readonly #population: Population
  /** For each prefix of `#notedBits` bits: the position of the first node that has at least this prefix. There are about as many as nodes. */
  readonly #starts: Uint32Array
  readonly #notedBits: number
  /**
   * Blocks that are farther away than the present one. Each has three numbers: its first
   * node, the node after its last one, and the bits that its nodes share.
   */
  readonly #pending = new Uint32Array(3 * (HEAD_BITS + 1))
  /** Distances of the nodes found */
  readonly #distances: number[] = []

  /**
   * @param nodes - In ascending order @default all nodes of the population
   */
  constructor (population: Population, nodes?: readonly number[]) {
    this.#population = population
    this.nodes = nodes === undefined ? Uint32Array.from({ length: population.size }, (_, node) => node) : Uint32Array.from(nodes)
    this.heads = this.nodes.map(node => population.head(node))
    this.#notedBits = Math.min(Math.max(1, Math.ceil(Math.log2(this.nodes.length))), MAX_NOTED_BITS)
    this.#starts = new Uint32Array(2 ** this.#notedBits + 1)

    for (let prefix = 0, position = 0; prefix < this.#starts.length; prefix++) {
      while (position < this.heads.length && this.heads[position] >>> (HEAD_BITS - this.#notedBits) < prefix) {
        position++
      }

      this.#starts[prefix] = position
    }
  }

  /** How many nodes there are */
  get size (): number {
    return this.nodes.length
  }

  /** The position of the first node whose head is at least this one */
  lowerBound (head: number): number {
    const prefix = head >>> (HEAD_BITS - this.#notedBits)
    let from = this.#starts[prefix]
    let to = this.#starts[prefix + 1]

    while (from < to) {
      const middle = (from + to) >>> 1

      if (this.heads[middle] < head) {
        from = middle + 1
      } else {
        to = middle
      }
    }

    return from
  }

  /** The positions of the nodes whose first bits, 0 to 32 of them, are those of a head: the first position, and the one after the last */
  range (head: number, bits: number): { from: number, to: number } {
    if (bits === 0) {
      return { from: 0, to: this.heads.length }
    }

    const prefix = head >>> (HEAD_BITS - bits)

    return { from: this.#startOf(prefix, bits), to: this.#startOf(prefix + 1, bits) }
  }

  /**
   * Find the closest nodes, by ascending XOR distance
   *
   * @param n - Limit of nodes
   * @param accept - Returns false for a node that is to be passed over
   * @param found - The nodes are written to its beginning. It never becomes shorter, so that it can be used again.
   * @returns How many nodes were found
   */
  closest (head: number, n: number, accept: (node: number) => boolean, found: number[]): number {
    const pending = this.#pending
    let count = 0
    let top = 3
    pending[0] = 0
    pending[1] = this.heads.length
    pending[2] = 0

    while (top > 0 && count < n) {
      let bit = pending[--top]
      let to = pending[--top]
      let from = pending[--top]

      while (to - from > SMALL_BLOCK && bit < HEAD_BITS) {
        bit++
        // the first node of the block whose next bit is 1
        const middle = this.#startOf((this.heads[from] >>> (HEAD_BITS - bit) | 1) >>> 0, bit)

        pending[top + 2] = bit

        if ((head >>> (HEAD_BITS - bit) & 1) === 1) {
          pending[top] = from
          pending[top + 1] = middle
          from = middle
        } else {
          pending[top] = middle
          pending[top + 1] = to
          to = middle
        }

        top += 3
      }

      count = this.#gather(head, from, to, accept, found, count)
    }

    return Math.min(count, n)
  }

  /** Compare two nodes' distances to a target by all bits of their kad ids, as `compareDistance` does */
  compare (target: KadId, a: number, b: number): number {
    return compareDistance(target, this.#population.kadId(a), this.#population.kadId(b))
  }

  /** The position of the first node whose first bits, 1 to 32 of them, are at least this prefix */
  #startOf (prefix: number, bits: number): number {
    if (bits <= this.#notedBits) {
      return this.#starts[prefix << (this.#notedBits - bits)]
    }

    const head = prefix * 2 ** (HEAD_BITS - bits)

    return head < 2 ** HEAD_BITS ? this.lowerBound(head) : this.heads.length
  }

  /**
   * Insert the nodes of a block by their distance. They come after the nodes found before,
   * which are closer. Returns how many nodes there are then.
   */
  #gather (head: number, from: number, to: number, accept: (node: number) => boolean, found: number[], start: number): number {
    const distances = this.#distances
    let count = start

    for (let position = from; position < to; position++) {
      const node = this.nodes[position]

      if (!accept(node)) {
        continue
      }

      const distance = (this.heads[position] ^ head) >>> 0
      let i = count++

      while (i > start && distances[i - 1] > distance) {
        found[i] = found[i - 1]
        distances[i] = distances[i - 1]
        i--
      }

      found[i] = node
      distances[i] = distance
    }

    return count
  }
}
