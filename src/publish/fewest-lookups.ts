import type { Region } from './region.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'

/**
 * How many lookups a region needs at least, however well they go. One covers a region with fewer
 * than k peers, as the furthest that it finds lies outside. So this is the number of largest such
 * parts of the region, by the peers that are known.
 *
 * @param atMost - Above this the count is given up
 * @returns The number; some number above `atMost` where it is higher than that
 */
export function fewestLookups<P> (region: Region, peers: ReadonlyArray<KBucketEntry<P>>, k: number, atMost: number): number {
  const inside = peers.filter(({ kadId }) => region.contains(kadId))

  if (inside.length < k || region.length === region.bits.length * 8) {
    return 1
  }

  const [zero, one] = region.children
  const first = fewestLookups(zero, inside, k, atMost)

  return first > atMost ? first : first + fewestLookups(one, inside, k, atMost - first)
}
