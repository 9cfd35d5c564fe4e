import type { InternalPeerRouting } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

type RoutingTable = InternalPeerRouting['routingTable']

/**
 * Give the peer routing, which makes our replies, a view of the routing table of its
 * own: whom we name to others is not where our lookups start.
 */
export function nameGoodPeers (routingTable: RoutingTable, { table, book, now }: Pick<OverrideParts, 'table' | 'book' | 'now'>): RoutingTable {
  const view: RoutingTable = Object.create(routingTable)

  view.closestPeers = (kadId, { count, exclude } = {}) => table
    .named(kadId, { count, exclude: new Set(exclude?.map(peer => peer.toString())) }, now())
    .map(({ peer }) => book.idOf(peer))

  return view
}
