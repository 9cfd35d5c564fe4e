import { xor } from 'uint8arrays/xor'
import type { KadId } from './kad-id.ts'

/**
 * Kademlia's XOR distance between two kad ids of the same length.
 *
 * @throws {Error} The lengths differ
 */
export function distance (a: KadId, b: KadId): KadId {
  return xor(a, b)
}

/**
 * Which of two kad ids is closer to a target, without allocating their
 * distances. All three have the same length.
 *
 * @returns Below 0 when `a` is closer, above 0 when `b` is closer, 0 when they are equal
 */
export function compareDistance (target: KadId, a: KadId, b: KadId): number {
  for (let i = 0; i < target.length; i++) {
    if (a[i] !== b[i]) {
      return (a[i] ^ target[i]) - (b[i] ^ target[i])
    }
  }

  return 0
}
