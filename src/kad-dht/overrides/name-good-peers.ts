import type { InternalPeerRouting } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

type RoutingTable = InternalPeerRouting['routingTable']

/**
 * Give the peer routing, which makes our replies, a view of the routing table of its
 * own: whom we name to others is not where our lookups start.
 */
export function nameGoodPeers (routingTable: RoutingTable, { table, peerIdOf, now }: Pick<OverrideParts, 'table' | 'peerIdOf' | 'now'>): RoutingTable {
  const view: RoutingTable = Object.create(routingTable)

  view.closestPeers = (kadId, { count, exclude } = {}) => table
    .named(kadId, { count, exclude: new Set(exclude?.map(peer => peer.toString())) }, now())
    .map(({ peer }) => peerIdOf(peer))

  return view
}
