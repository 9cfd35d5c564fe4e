import { sharedBits } from './key-index.ts'
import { JS_KAD_DHT } from './table-rules.ts'
import type { Implementation } from '../world/population.ts'

/** The cell of the longest prefixes holds so many times k */
const DEEP_CAPACITY = 3

const LEAVES = 2 ** JS_KAD_DHT.prefixBits

/**
 * Where a table keeps which peers: it consists of cells, each for a part of the
 * keyspace and with room for so many entries.
 *
 * - go-kad-dht: a cell for each common prefix length. Its buckets are unfolded when
 *   the last one overflows, which admits the same peers as if all were unfolded from
 *   the start. Lengths from `depth` on, for which the whole network has k peers or
 *   fewer, share the last cell.
 * - kad-dht: a cell for each of the 64 absolute prefixes of 6 bits. Its trie splits a
 *   leaf that overflows down to this depth, which admits the same peers again.
 * - scored: as kad-dht, and what it remembers of its own neighbourhood beyond them,
 *   by common prefix length from 6 on.
 */
export class TableLayout {
  readonly k: number
  /** From this common prefix length on the network has about k peers or fewer, in all */
  readonly depth: number

  /**
   * @param size - Nodes of the network, online or not
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

  /** Entries that a table has room for */
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

  /** The bucket of a peer in a table, both by their heads */
  cell (implementation: Implementation, owner: number, peer: number): number {
    return implementation === 'go-kad-dht' ? Math.min(sharedBits(owner, peer), this.depth) : leafOf(peer)
  }

  /** Where a scored table remembers a peer of its neighbourhood; undefined when it isn't one */
  rememberedCell (owner: number, peer: number): number | undefined {
    const shared = sharedBits(owner, peer)

    return shared < JS_KAD_DHT.prefixBits ? undefined : LEAVES + Math.min(shared - JS_KAD_DHT.prefixBits, this.#rememberedLengths)
  }

  /** Common prefix lengths with a cell of their own in what a scored table remembers */
  get #rememberedLengths (): number {
    return Math.max(0, this.depth - JS_KAD_DHT.prefixBits)
  }
}

/** The leaf of a trie split by absolute prefix to which a head belongs */
export function leafOf (head: number): number {
  return head >>> (32 - JS_KAD_DHT.prefixBits)
}

/** How many leading bits two leaves share, 0 to the 6 of one and the same */
export function sharedLeafBits (a: number, b: number): number {
  return Math.clz32(a ^ b) - (32 - JS_KAD_DHT.prefixBits)
}
