import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/**
 * Whether there is a connection to a peer. A stub of the connection manager,
 * as the tests of kad-dht use one, may know of no connections at all.
 */
export function isConnected (connectionManager: Pick<ConnectionManager, 'getConnections'>, peer: PeerId): boolean {
  return connectionManager.getConnections(peer)?.length > 0
}

/**
 * Whether there is a connection to a peer on which something may still arrive. A connection
 * that was just lost may be listed for a moment, and does not count.
 */
export function hasOpenConnection (connectionManager: Pick<ConnectionManager, 'getConnections'>, peer: PeerId): boolean {
  return connectionManager.getConnections(peer)?.some(({ status }) => status === 'open') === true
}
