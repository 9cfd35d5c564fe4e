import type { KadId } from './kad-id.ts'

// a number holds this many bytes exactly
const EXACT_BYTES = 6

/**
 * Binary logarithm of a XOR distance, in bits. Each bit less halves the share of the
 * keyspace that is closer. The result is at least 0 and below 8 times the length; a distance
 * of zero gives 0 too.
 */
export function log2Distance (distance: KadId): number {
  const first = distance.findIndex(byte => byte !== 0)

  if (first === -1) {
    return 0
  }

  const end = Math.min(first + EXACT_BYTES, distance.length)
  let leading = 0

  for (let i = first; i < end; i++) {
    leading = leading * 256 + distance[i]
  }

  return Math.log2(leading) + 8 * (distance.length - end)
}
