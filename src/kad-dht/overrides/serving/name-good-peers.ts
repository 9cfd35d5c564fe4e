import type { InternalPeerRouting } from '../../internals.ts'
import type { OverrideParts } from '../../override-parts.ts'

type RoutingTable = InternalPeerRouting['routingTable']

/**
 * Give kad-dht's peer routing, which makes our replies, its own view of the routing table.
 * The peers that we name to others are not the same as those that our lookups start from.
 */
export function nameGoodPeers (routingTable: RoutingTable, { table, book, now }: Pick<OverrideParts, 'table' | 'book' | 'now'>): RoutingTable {
  const view: RoutingTable = Object.create(routingTable)

  view.closestPeers = (kadId, { count, exclude } = {}) => table
    .named(kadId, { count, exclude: new Set(exclude?.map(peer => peer.toString())) }, now())
    .map(({ peer }) => book.idOf(peer))

  return view
}
