import type { Connection, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/**
 * The connections to a peer, or to all. A stub of the connection manager, as the tests of
 * kad-dht use one, may know of no connections at all.
 */
export function connectionsOf (connectionManager: Pick<ConnectionManager, 'getConnections'>, peer?: PeerId): Connection[] {
  const connections: Connection[] | undefined = connectionManager.getConnections(peer)

  return connections ?? []
}
