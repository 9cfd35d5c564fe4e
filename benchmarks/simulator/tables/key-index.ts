import { compareDistance } from '../../../src/keyspace/xor-distance.ts'
import type { Population } from '../world/population.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** Bits of a head */
const HEAD_BITS = 32

/** A block of so few nodes is sorted instead of being divided further */
const SMALL_BLOCK = 12

/**
 * The first 32 bits of a kad id as a number, filled up with zeros: they decide
 * nearly every comparison
 */
export function headOf (kadId: KadId): number {
  return ((kadId[0] << 24) | ((kadId[1] ?? 0) << 16) | ((kadId[2] ?? 0) << 8) | (kadId[3] ?? 0)) >>> 0
}

/** How many leading bits two heads share, 0 to 32 */
export function sharedBits (a: number, b: number): number {
  return Math.clz32(a ^ b)
}

/**
 * Nodes of a population by their kad ids, in typed arrays: what of the keyspace the
 * tables need often enough for its cost to matter. It knows the first 32 bits of a
 * kad id; beyond, nodes count as equally close, except where `compare` is asked.
 */
export class KeyIndex {
  /** The nodes in the order of their kad ids */
  readonly nodes: Uint32Array
  /** The head of each */
  readonly heads: Uint32Array
  readonly #population: Population
  /** Blocks that are farther away than the one being looked at */
  readonly #pending: number[] = []

  /**
   * @param nodes - In ascending order; all of them if left out
   */
  constructor (population: Population, nodes?: readonly number[]) {
    this.#population = population
    this.nodes = nodes == null ? Uint32Array.from({ length: population.size }, (_, node) => node) : Uint32Array.from(nodes)
    this.heads = this.nodes.map(node => headOf(population.kadId(node)))
  }

  /** How many nodes there are */
  get size (): number {
    return this.nodes.length
  }

  /** The position of the first node whose head is at least this one, within bounds */
  lowerBound (head: number, from = 0, to = this.heads.length): number {
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

  /** The positions of the nodes that share the first bits, 0 to 32, with a head: the first, and the one after the last */
  range (head: number, bits: number): { from: number, to: number } {
    if (bits === 0) {
      return { from: 0, to: this.heads.length }
    }

    const width = 2 ** (HEAD_BITS - bits)
    const first = Math.floor(head / width) * width
    const from = this.lowerBound(first)

    return { from, to: this.lowerBound(first + width, from) }
  }

  /**
   * Nodes by ascending XOR distance
   *
   * @param found - Gets the nodes
   * @param n - How many it gets at most
   * @param accept - Passes over those it returns false for
   */
  closest (head: number, n: number, accept: (node: number) => boolean, found: number[]): void {
    const { nodes, heads } = this
    const pending = this.#pending
    found.length = 0
    pending.length = 0
    pending.push(0, heads.length, 0)

    while (pending.length > 0 && found.length < n) {
      let bit = pending.pop() as number
      let to = pending.pop() as number
      let from = pending.pop() as number

      while (to - from > SMALL_BLOCK && bit < HEAD_BITS) {
        const isOne = (head >>> (HEAD_BITS - 1 - bit)) & 1
        // the first node of the block whose bit is 1
        const middle = this.lowerBound((heads[from] >>> (HEAD_BITS - 1 - bit) | 1) * 2 ** (HEAD_BITS - 1 - bit), from, to)
        bit++

        if (isOne === 1) {
          pending.push(from, middle, bit)
          from = middle
        } else {
          pending.push(middle, to, bit)
          to = middle
        }
      }

      const start = found.length

      for (let i = from; i < to; i++) {
        if (accept(nodes[i])) {
          insertByDistance(found, start, nodes[i], (heads[i] ^ head) >>> 0, other => (this.headAt(other) ^ head) >>> 0)
        }
      }
    }

    found.length = Math.min(found.length, n)
  }

  /** The head of a node; only where all nodes of the population are in the index */
  headAt (node: number): number {
    return this.heads.length === this.#population.size ? this.heads[node] : headOf(this.#population.kadId(node))
  }

  /** Which of two nodes is closer to a target, all bits considered: as `compareDistance` */
  compare (target: KadId, a: number, b: number): number {
    return compareDistance(target, this.#population.kadId(a), this.#population.kadId(b))
  }
}

function insertByDistance (found: number[], start: number, node: number, distance: number, distanceOf: (node: number) => number): void {
  let i = found.length

  while (i > start && distanceOf(found[i - 1]) > distance) {
    found[i] = found[i - 1]
    i--
  }

  found[i] = node
}
