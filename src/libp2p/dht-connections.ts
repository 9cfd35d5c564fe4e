import { ConnectionLimit } from './connection-limit.ts'
import { isConnected } from './is-connected.ts'
import { onDialReached } from './on-dial-reached.ts'
import { openWithMessage } from './open-with-message.ts'
import { RequestStream, sendOn } from './request-stream.ts'
import { StreamTurn } from './stream-turn.ts'
import type { DHTSpeakers } from './dht-speakers.ts'
import type { KadDHTStream } from './kad-dht-internals.ts'
import type { PeerBook } from './peer-book.ts'
import type { RequestContexts } from './request-context.ts'
import type { OpenStream } from './request-stream.ts'
import type { StreamTurns } from './stream-turn.ts'
import type { Connection, NewStreamOptions, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'

/** An address this reliable has worked, and more than once failed since would put it below */
const WORKED = 0.5

export interface DHTConnectionsInit {
  book: PeerBook
  contexts: RequestContexts
  /** Told of every peer with which a stream of the protocol was agreed on */
  speakers: Pick<DHTSpeakers, 'agreed'>
  /** The DHT's own protocol */
  protocol: string
}

/**
 * kad-dht's view of the connection manager. The stream of a request is opened
 * when there is something to send on it; and a peer without a connection is
 * dialled at the addresses that we know, the one that worked before first. Left to
 * itself the dialler reads the peer store, which forgets addresses after an hour and
 * may not have stored the ones just named; it then starts a lookup of its own.
 */
export class DHTConnections {
  private readonly connectionManager: ConnectionManager
  private readonly init: DHTConnectionsInit
  private readonly turns: StreamTurns = new Map()
  private readonly limit: ConnectionLimit

  /** To be handed to kad-dht in place of the connection manager */
  readonly component: ConnectionManager

  constructor (connectionManager: ConnectionManager, init: DHTConnectionsInit) {
    this.connectionManager = connectionManager
    this.init = init
    this.limit = new ConnectionLimit(connectionManager)
    this.component = Object.create(connectionManager, {
      openStream: { value: this.openStream.bind(this), writable: true, configurable: true }
    })
  }

  start (): void {
    this.limit.start()
  }

  stop (): void {
    this.limit.stop()
  }

  private async openStream (...[peer, protocol, options = {}]: Parameters<ConnectionManager['openStream']>): Promise<KadDHTStream> {
    return isPeerId(peer) && protocol === this.init.protocol
      ? new RequestStream(await this.connect(peer, options), new StreamTurn(this.turns, peer.toString()), (stream, halfOpenMs) => { this.limit.requestEnded(stream, halfOpenMs) })
      : this.connectionManager.openStream(peer, protocol, options)
  }

  private async connect (peer: PeerId, options: OpenConnectionOptions & NewStreamOptions): Promise<OpenStream> {
    if (!isConnected(this.connectionManager, peer)) {
      await this.dial(peer, options)
    }

    const connection = await this.connectionManager.openConnection(peer, options)

    // from that stand-in too
    if (connection == null) {
      const stream = await this.connectionManager.openStream(peer, this.init.protocol, options)

      return async (_, message) => sendOn(stream, message)
    }

    return async (streamOptions, message) => {
      const allOptions = { ...options, ...streamOptions }

      try {
        return await this.openOn(connection, message, allOptions)
      } catch (err) {
        if (err.name !== 'ConnectionClosedError') {
          throw err
        }

        // closed at this moment, maybe by our own connection manager, which says nothing about the peer
        return this.openOn(await this.reconnect(peer, connection, allOptions), message, allOptions)
      }
    }
  }

  private async openOn (connection: Connection, message: Uint8Array | undefined, options: NewStreamOptions): Promise<Stream> {
    const { protocol, speakers } = this.init
    const stream = message == null
      ? await connection.newStream(protocol, options)
      : await openWithMessage(connection, protocol, message, options)
    speakers.agreed(connection.remotePeer)

    return stream
  }

  /** Connect anew while an earlier connection is closing */
  private async reconnect (peer: PeerId, closing: Connection, options: OpenConnectionOptions): Promise<Connection> {
    const dialOptions = { ...options, force: true }
    await this.dial(peer, dialOptions)

    return this.connectionManager.getConnections(peer).find(connection => connection !== closing && connection.status === 'open') ??
      this.connectionManager.openConnection(peer, dialOptions)
  }

  private async dial (peer: PeerId, options: OpenConnectionOptions): Promise<void> {
    const addresses = this.init.book.get(peer.toString())?.addresses ?? []
    const groups = [
      addresses.filter(({ reliability }) => reliability > WORKED),
      addresses.filter(({ reliability }) => reliability <= WORKED)
    ].filter(({ length }) => length > 0)

    const dialOptions: OpenConnectionOptions = {
      ...options,
      onProgress: onDialReached(() => { this.init.contexts.get(options.signal)?.onReached?.() }, options.onProgress)
    }

    for (const [index, group] of groups.entries()) {
      try {
        const connection = await this.connectionManager.openConnection(group.map(({ multiaddr }) => multiaddr.encapsulate(`/p2p/${peer.toString()}`)), dialOptions)

        // a stand-in for the connection manager, as the tests of kad-dht use one, gives none
        if (connection != null) {
          this.init.book.dialled(peer.toString(), connection.remoteAddr, true)
        }

        return
      } catch (err) {
        if (index === groups.length - 1 || options.signal?.aborted === true) {
          throw err
        }
      }
    }
  }
}

function isPeerId (target: Parameters<ConnectionManager['openStream']>[0]): target is PeerId {
  return 'toMultihash' in target
}
