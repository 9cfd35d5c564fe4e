import type { Region } from '../../../../../src/publish/region.ts'
import type { KBucketEntry } from '../../../../../src/routing-table/k-buckets.ts'

/** A prefix and the peers under it */
export interface PeerRegion {
  prefix: Region
  peers: Array<KBucketEntry<number>>
}

/**
 * The smallest regions with k peers or more that make up a prefix, as in go-kad-dht provider/internal/keyspace/trie.go
 * `extractMinimalRegions`. Where one half has fewer, both stay together.
 *
 * @param peers - Those outside the prefix are left out
 */
export function minimalRegions (prefix: Region, peers: ReadonlyArray<KBucketEntry<number>>, k: number): PeerRegion[] {
  const inside = peers.filter(({ kadId }) => prefix.contains(kadId))

  if (inside.length < 2 * k || prefix.length === prefix.bits.length * 8) {
    return inside.length === 0 ? [] : [{ prefix, peers: inside }]
  }

  const halves = prefix.children

  return halves.every(half => inside.filter(({ kadId }) => half.contains(kadId)).length >= k)
    ? halves.flatMap(half => minimalRegions(half, inside, k))
    : [{ prefix, peers: inside }]
}
