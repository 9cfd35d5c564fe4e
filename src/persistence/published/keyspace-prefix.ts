import type { KadId } from '../../keyspace/kad-id.ts'

/**
 * All kad ids that begin with the same bits
 */
export interface KeyspacePrefix {
  /** The bits that they begin with. Those after `length` don't matter */
  readonly bits: KadId
  /** How many bits that is; 0 for the whole keyspace */
  readonly length: number
}

/** The whole keyspace */
export const WHOLE_KEYSPACE: KeyspacePrefix = { bits: new Uint8Array(0), length: 0 }

/**
 * Where the entries under a prefix are in a database that has them in the order of their kad ids.
 * A bound is left out where there is none.
 *
 * @throws {RangeError} The prefix has more bits than there are
 */
export function boundsOf (prefix: KeyspacePrefix): { gte?: Uint8Array, lt?: Uint8Array } {
  checkPrefix(prefix)

  if (prefix.length === 0) {
    return {}
  }

  const gte = prefix.bits.slice(0, Math.ceil(prefix.length / 8))
  const step = 1 << (7 - (prefix.length - 1) % 8)
  gte[gte.length - 1] &= -step
  const lt = gte.slice()

  // adds one to the prefix as a number; all ones have nothing after them
  for (let i = lt.length - 1, carry = step; i >= 0; i--, carry = 1) {
    lt[i] += carry

    if (lt[i] !== 0) {
      return { gte, lt }
    }
  }

  return { gte }
}

/**
 * The bits in words, as 0110; those of the whole keyspace are an empty text
 *
 * @throws {RangeError} The prefix has more bits than there are
 */
export function prefixText (prefix: KeyspacePrefix): string {
  checkPrefix(prefix)
  let text = ''

  for (let i = 0; i < prefix.length; i++) {
    text += prefix.bits[i >> 3] >> (7 - (i & 7)) & 1
  }

  return text
}

/** The prefix of a text that `prefixText` made. Bits after its end are 0 */
export function parsePrefix (text: string): KeyspacePrefix {
  const bits = new Uint8Array(Math.ceil(text.length / 8))

  for (let i = 0; i < text.length; i++) {
    bits[i >> 3] |= Number(text[i]) << (7 - (i & 7))
  }

  return { bits, length: text.length }
}

/**
 * @throws {RangeError} The prefix has more bits than there are
 */
export function checkPrefix ({ bits, length }: KeyspacePrefix): void {
  if (!(length >= 0 && length <= bits.byteLength * 8) || !Number.isInteger(length)) {
    throw new RangeError(`a prefix of ${length} bits, of ${bits.byteLength * 8}`)
  }
}
