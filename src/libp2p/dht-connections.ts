import { isConnected } from './is-connected.ts'
import { onDialReached } from './on-dial-reached.ts'
import { openWithMessage } from './open-with-message.ts'
import { PeerDialer } from './peer-dialer.ts'
import { StreamPool, sendOn } from './stream-pool.ts'
import type { KadDHTStream } from './kad-dht-internals.ts'
import type { PeerDialerComponents, PeerDialerInit } from './peer-dialer.ts'
import type { RequestContexts } from './request-context.ts'
import type { OpenStream } from './stream-pool.ts'
import type { NewStreamOptions, PeerId } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'

export interface DHTConnectionsInit extends PeerDialerInit {
  contexts: RequestContexts
  /** The DHT's own protocol: only its streams are kept */
  protocol: string
  now: () => number
}

/**
 * kad-dht's view of the connection manager. A request gets its stream from the
 * pool; and a peer without a connection is dialled at the addresses that we know,
 * the one that worked before first. Left to itself the dialler reads the peer
 * store, which forgets addresses after an hour and may not have stored the ones just
 * named; it then starts a lookup of its own.
 */
export class DHTConnections {
  private readonly connectionManager: ConnectionManager
  private readonly init: DHTConnectionsInit
  private readonly pool: StreamPool
  private readonly dialer: PeerDialer

  /** To be handed to kad-dht in place of the connection manager */
  readonly component: ConnectionManager

  constructor (components: PeerDialerComponents, init: DHTConnectionsInit) {
    const { connectionManager } = components

    this.connectionManager = connectionManager
    this.init = init
    this.dialer = new PeerDialer(components, init)
    this.pool = new StreamPool({ connect: this.connect.bind(this), now: init.now })
    this.component = Object.create(connectionManager, {
      openStream: { value: this.openStream.bind(this), writable: true, configurable: true }
    })
  }

  /**
   * Connect to a peer at the addresses that are known, if any are
   *
   * @throws {Error} None of them leads to it
   */
  async dial (peer: PeerId, options: OpenConnectionOptions): Promise<void> {
    if (!isConnected(this.connectionManager, peer)) {
      const context = this.init.contexts.get(options.signal)

      await this.dialer.dial(peer, { ...options, onProgress: onDialReached(() => { context?.onReached?.() }, options.onProgress) }, context?.onHeld)
    }
  }

  /**
   * Close the streams that wait for their next request
   */
  stop (): void {
    this.pool.clear()
  }

  private async openStream (...[peer, protocol, options = {}]: Parameters<ConnectionManager['openStream']>): Promise<KadDHTStream> {
    return isPeerId(peer) && protocol === this.init.protocol
      ? this.pool.lend(peer, options)
      : this.connectionManager.openStream(peer, protocol, options)
  }

  private async connect (peer: PeerId, options: OpenConnectionOptions & NewStreamOptions): Promise<OpenStream> {
    const { protocol } = this.init

    await this.dial(peer, options)

    const connection = await this.connectionManager.openConnection(peer, options)

    // from that stand-in too
    if (connection == null) {
      const stream = await this.connectionManager.openStream(peer, protocol, options)

      return async (_, message) => sendOn(stream, message)
    }

    return async (streamOptions, message) => message == null
      ? connection.newStream(protocol, { ...options, ...streamOptions })
      : openWithMessage(connection, protocol, message, { ...options, ...streamOptions })
  }
}

function isPeerId (target: Parameters<ConnectionManager['openStream']>[0]): target is PeerId {
  return 'toMultihash' in target
}
