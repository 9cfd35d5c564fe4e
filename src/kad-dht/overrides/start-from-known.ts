import type { InternalRoutingTable } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Let lookups start from all peers that our routing table knows. kad-dht starts from its
 * k-buckets only.
 */
export function startFromKnown (_: InternalRoutingTable['closestPeers'], { k, table, book, now }: Pick<OverrideParts, 'k' | 'table' | 'book' | 'now'>): InternalRoutingTable['closestPeers'] {
  return (kadId, { count = k, exclude = [] } = {}) => table
    .candidates(kadId, count + exclude.length, now())
    .map(({ peer }) => book.idOf(peer))
    .filter(peer => !exclude.some(other => other.equals(peer)))
    .slice(0, count)
}
