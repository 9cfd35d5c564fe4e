import { connectionsOf } from './connections-of.ts'
import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/**
 * Whether there is a connection to a peer
 */
export function isConnected (connectionManager: Pick<ConnectionManager, 'getConnections'>, peer: PeerId): boolean {
  return connectionsOf(connectionManager, peer).length > 0
}

/**
 * Whether there is a connection to a peer on which something may still arrive. A connection
 * that was just lost may be listed for a moment, and does not count.
 */
export function hasOpenConnection (connectionManager: Pick<ConnectionManager, 'getConnections'>, peer: PeerId): boolean {
  return connectionsOf(connectionManager, peer).some(({ status }) => status === 'open')
}
