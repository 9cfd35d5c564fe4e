import type { Region } from './region.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'

/**
 * The parts of an explored region that lie so near to a gap that a peer in it may be among the k
 * closest to a key there. The k closest to any key lie in the smallest region around it that has
 * k peers. So these are the parts with fewer than k, the other half of which has a gap.
 *
 * @param gaps - Parts of the region that are not covered
 * @param peers - All that were found
 * @returns The fewest regions that make them up, without the gaps themselves
 */
export function nearGaps<P> (region: Region, gaps: readonly Region[], peers: ReadonlyArray<KBucketEntry<P>>, k: number): Region[] {
  const near = new Map<string, Region>()

  for (const gap of gaps) {
    for (let whole = gap.parent; whole !== undefined; whole = whole.parent) {
      const other = whole.children.find(child => !child.touches(gap))

      if (other !== undefined && peers.filter(({ kadId }) => other.contains(kadId)).length < k) {
        near.set(`${other}`, other)
      }
    }
  }

  return region.without([...gaps, ...region.without([...near.values()])])
}
