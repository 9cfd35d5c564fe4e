import type { PeerBook } from './peer-book.ts'
import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { PeerInfoMapper } from '@libp2p/kad-dht'

/** An address this reliable has worked, and more than once failed since would put it below */
const WORKED = 0.5

export interface AddressedConnectionsInit {
  book: PeerBook
  peerInfoMapper: PeerInfoMapper
}

/**
 * kad-dht's view of the connection manager: a peer without a connection is
 * dialled at the addresses that we know, the one that worked before first. Left
 * to itself the dialler reads the peer store, which forgets addresses after an hour
 * and may not have stored the ones just named; it then starts a lookup of its own.
 */
export function addressedConnections (connectionManager: ConnectionManager, init: AddressedConnectionsInit): ConnectionManager {
  return Object.create(connectionManager, {
    openStream: {
      value: async (...[peer, protocol, options]: Parameters<ConnectionManager['openStream']>) => {
        if (isPeerId(peer) && connectionManager.getConnections(peer).length === 0) {
          await dial(peer, options)
        }

        return connectionManager.openStream(peer, protocol, options)
      }
    }
  })

  async function dial (peer: PeerId, options: Parameters<ConnectionManager['openConnection']>[1]): Promise<void> {
    const known = init.book.get(peer.toString())?.addresses ?? []
    const allowed = new Set(init.peerInfoMapper({ id: peer, multiaddrs: known.map(({ multiaddr }) => multiaddr) }).multiaddrs)
    const addresses = known.filter(({ multiaddr }) => allowed.has(multiaddr))
    const proven = addresses.filter(({ reliability }) => reliability > WORKED)
    const others = addresses.filter(({ reliability }) => reliability <= WORKED)

    for (const [index, group] of [proven, others].filter(({ length }) => length > 0).entries()) {
      try {
        await connectionManager.openConnection(group.map(({ multiaddr }) => multiaddr.encapsulate(`/p2p/${peer.toString()}`)), options)
        return
      } catch (err) {
        const last = index === 1 || proven.length === 0 || others.length === 0

        if (last || options?.signal?.aborted === true) {
          throw err
        }
      }
    }
  }
}

function isPeerId (target: Parameters<ConnectionManager['openStream']>[0]): target is PeerId {
  return 'toMultihash' in target
}
