import type { KadId } from './kad-id.ts'

/**
 * How many leading bits two kad ids of the same length share: all of them when
 * they are equal.
 */
export function commonPrefixLength (a: KadId, b: KadId): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i] ^ b[i]

    if (difference !== 0) {
      // clz32 counts within 32 bits, a byte has 8
      return i * 8 + Math.clz32(difference) - 24
    }
  }

  return a.length * 8
}
