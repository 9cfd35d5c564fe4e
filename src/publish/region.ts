import { commonPrefixLength } from '../keyspace/common-prefix-length.ts'
import type { KadId } from '../keyspace/kad-id.ts'

/**
 * All kad ids under one prefix. A region is a value: it never changes.
 */
export class Region {
  /** The prefix, filled up with zeros: the lowest kad id of the region */
  readonly bits: KadId
  /** Of the prefix, bits. The region of length 0 is the whole keyspace. */
  readonly length: number

  /**
   * The region of this length that a kad id lies in
   *
   * @throws {RangeError} The length is no whole number from 0 to the kad id's bits
   */
  constructor (kadId: KadId, length: number) {
    if (!Number.isInteger(length) || length < 0 || length > kadId.length * 8) {
      throw new RangeError(`A region of ${length} bits among kad ids of ${kadId.length * 8} bits`)
    }

    this.bits = kadId.map((byte, index) => byte & maskOf(length, index))
    this.length = length
  }

  /** The region one bit shorter; undefined for the whole keyspace */
  get parent (): Region | undefined {
    return this.length === 0 ? undefined : new Region(this.bits, this.length - 1)
  }

  /**
   * The two halves of the region, that with a 0 first
   *
   * @throws {RangeError} The region is a single kad id
   */
  get children (): [Region, Region] {
    const zero = new Region(this.bits, this.length + 1)
    const bits = Uint8Array.from(this.bits)
    bits[this.length >> 3] |= 0x80 >> (this.length & 7)

    return [zero, new Region(bits, this.length + 1)]
  }

  /** The highest kad id of the region */
  get last (): KadId {
    return this.bits.map((byte, index) => byte | ~maskOf(this.length, index))
  }

  contains (kadId: KadId): boolean {
    return commonPrefixLength(this.bits, kadId) >= this.length
  }

  /** Whether they share a kad id: one of them lies within the other then */
  touches ({ bits, length }: Region): boolean {
    return commonPrefixLength(this.bits, bits) >= Math.min(this.length, length)
  }

  /** What is left of the region outside these others: the fewest regions that make it up, the largest first */
  without (others: readonly Region[]): Region[] {
    return this.#rest(others).sort((a, b) => a.length - b.length)
  }

  /**
   * A kad id of the region, the bits behind the prefix at random
   *
   * @param random - From 0 to below 1
   */
  randomKadId (random: () => number): KadId {
    return this.bits.map((byte, index) => byte | (Math.floor(random() * 256) & ~maskOf(this.length, index)))
  }

  /** The prefix bit by bit, such as '0110'; empty for the whole keyspace */
  toString (): string {
    return Array.from(this.bits, byte => byte.toString(2).padStart(8, '0')).join('').slice(0, this.length)
  }

  #rest (others: readonly Region[]): Region[] {
    const touching = others.filter(other => this.touches(other))

    if (touching.length === 0) {
      return [this]
    }

    return touching.some(({ length }) => length <= this.length) ? [] : this.children.flatMap(child => child.#rest(touching))
  }
}

/** Which bits of a byte belong to a prefix of this length */
function maskOf (length: number, index: number): number {
  return 0xff << (8 - Math.min(8, Math.max(0, length - 8 * index))) & 0xff
}
