import { sharedBits } from './key-index.ts'
import { JS_KAD_DHT } from './table-rules.ts'
import type { Implementation } from '../world/population.ts'

/** The cell of the longest prefixes has room for this many times k entries */
const DEEP_CAPACITY = 3

const LEAVES = 2 ** JS_KAD_DHT.prefixBits

/**
 * The cells of a routing table. Each cell stands for a part of the keyspace and has room
 * for a limited number of entries.
 *
 * - go-kad-dht has a cell for each common prefix length. The real table splits its last
 * bucket when that one overflows, which admits the same peers as if all buckets were
 * split from the start. Lengths from `depth` on share the last cell: the whole network
 * has k peers or fewer for each of them.
 * - kad-dht has a cell for each of the 64 absolute prefixes of 6 bits. Its real trie
 * splits a leaf that overflows, down to this depth, which admits the same peers again.
 * - scored has the cells of kad-dht, and more cells for the remembered peers of its own
 * neighbourhood: one for each common prefix length from 6 on.
 */
export class TableLayout {
  readonly k: number
  /** From this common prefix length on, the network has about k peers or fewer in all */
  readonly depth: number

  /**
   * @param size - Number of nodes in the network, online or not
   */
  constructor (k: number, size: number) {
    this.k = k
    this.depth = Math.max(0, Math.ceil(Math.log2(size / k)))
  }

  /** How many cells a table has */
  cells (implementation: Implementation): number {
    switch (implementation) {
      case 'go-kad-dht':
        return this.depth + 1
      case 'kad-dht':
        return LEAVES
      case 'scored':
        return LEAVES + this.#rememberedLengths + 1
    }
  }

  /** Number of entries that a table has room for */
  entries (implementation: Implementation): number {
    const last = this.cells(implementation) - 1

    return this.start(last) + this.capacity(implementation, last)
  }

  /** Where the entries of a cell begin in its table */
  start (cell: number): number {
    return cell * this.k
  }

  /** How many entries a cell has room for */
  capacity (implementation: Implementation, cell: number): number {
    return implementation !== 'kad-dht' && cell === this.cells(implementation) - 1 ? DEEP_CAPACITY * this.k : this.k
  }

  /** The cell of a peer in an owner's table. Both are given by their heads. */
  cell (implementation: Implementation, owner: number, peer: number): number {
    return implementation === 'go-kad-dht' ? Math.min(sharedBits(owner, peer), this.depth) : leafOf(peer)
  }

  /** The cell in which a scored table remembers a peer of its neighbourhood, or undefined for a peer that is not of the neighbourhood */
  rememberedCell (owner: number, peer: number): number | undefined {
    const shared = sharedBits(owner, peer)

    return shared < JS_KAD_DHT.prefixBits ? undefined : LEAVES + Math.min(shared - JS_KAD_DHT.prefixBits, this.#rememberedLengths)
  }

  /** Number of common prefix lengths that have a cell of their own for remembered peers */
  get #rememberedLengths (): number {
    return Math.max(0, this.depth - JS_KAD_DHT.prefixBits)
  }
}

/** The leaf that a head belongs to, in a trie that is split by absolute prefixes */
export function leafOf (head: number): number {
  return head >>> (32 - JS_KAD_DHT.prefixBits)
}

/** The number of leading bits that two leaves share. It is 6 for a leaf and itself. */
export function sharedLeafBits (a: number, b: number): number {
  return Math.clz32(a ^ b) - (32 - JS_KAD_DHT.prefixBits)
}
