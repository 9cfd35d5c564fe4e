import { AbortError, ConnectionClosedError } from '@libp2p/interface'
import { CONNECTION_LOST } from '../lookup/classify-failure.ts'
import { ConnectionLimit } from './connection-limit.ts'
import { connectionsOf } from './connections-of.ts'
import { isConnected } from './is-connected.ts'
import { onDialReached } from './on-dial-reached.ts'
import { openWithMessage } from './open-with-message.ts'
import { PeerDialer } from './peer-dialer.ts'
import { RequestStream, sendOn } from './request-stream.ts'
import { StreamTurn } from './stream-turn.ts'
import type { DHTSpeakers } from '../peers/dht-speakers.ts'
import type { KadDHTStream } from '../../kad-dht/internals.ts'
import type { PeerDialerComponents, PeerDialerInit } from './peer-dialer.ts'
import type { RequestContexts } from '../lookup/request-context.ts'
import type { OpenStream } from './request-stream.ts'
import type { StreamTurns } from './stream-turn.ts'
import type { Connection, NewStreamOptions, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'

export interface DHTConnectionsInit extends PeerDialerInit {
  contexts: RequestContexts
  /** Told of each stream of the protocol that a peer has agreed to */
  speakers: Pick<DHTSpeakers, 'agreed'>
  /** The DHT's own protocol */
  protocol: string
}

/**
 * kad-dht's view of the connection manager. The stream of a request is opened when there is
 * something to send on it. A peer without a connection is dialled at the addresses that we
 * know, the one that worked before comes first. libp2p's own dialler would read the peer
 * store, which forgets addresses after an hour and may not have stored yet the ones that were
 * just named. It would then start a lookup of its own.
 */
export class DHTConnections {
  readonly #connectionManager: ConnectionManager
  readonly #init: DHTConnectionsInit
  readonly #dialer: PeerDialer
  readonly #turns: StreamTurns = new Map()
  readonly #limit: ConnectionLimit

  /** To be handed to kad-dht in place of the connection manager */
  readonly component: ConnectionManager

  constructor (components: PeerDialerComponents, init: DHTConnectionsInit) {
    const { connectionManager } = components

    this.#connectionManager = connectionManager
    this.#init = init
    this.#dialer = new PeerDialer(components, init)
    this.#limit = new ConnectionLimit(connectionManager)
    this.component = Object.create(connectionManager, {
      openStream: { value: this.#openStream.bind(this), writable: true, configurable: true }
    })
  }

  /**
   * Connect to a peer at the addresses that are known, if any are
   *
   * @throws {Error} None of them leads to it
   */
  async dial (peer: PeerId, options: OpenConnectionOptions): Promise<void> {
    if (!isConnected(this.#connectionManager, peer)) {
      await this.#dialAnew(peer, options)
    }
  }

  /** End the streams on which others ask us */
  endServing (): void {
    for (const { streams } of connectionsOf(this.#connectionManager)) {
      for (const stream of streams) {
        if (stream.direction === 'inbound' && stream.protocol === this.#init.protocol) {
          stream.abort(new AbortError('This node is no server any more'))
        }
      }
    }
  }

  start (): void {
    this.#limit.start()
  }

  stop (): void {
    this.#limit.stop()
  }

  async #openStream (...[peer, protocol, options = {}]: Parameters<ConnectionManager['openStream']>): Promise<KadDHTStream> {
    if (!isPeerId(peer) || protocol !== this.#init.protocol) {
      return this.#connectionManager.openStream(peer, protocol, options)
    }

    const stood = isConnected(this.#connectionManager, peer)
    await this.dial(peer, options)
    const connection = await this.#connectionManager.openConnection(peer, options)

    return new RequestStream({
      open: connection === undefined ? await this.#openOnStub(peer, options) : this.#openOnConnection(peer, connection, options),
      turn: new StreamTurn(this.#turns, peer.toString()),
      onEnd: (stream, halfOpenMs) => { this.#limit.requestEnded(stream, halfOpenMs) },
      hasLostConnection: () => stood && connection?.status !== 'open'
    })
  }

  /** A stub of the connection manager, as the tests of kad-dht use one, gives no connections */
  async #openOnStub (peer: PeerId, options: OpenConnectionOptions & NewStreamOptions): Promise<OpenStream> {
    const stream = await this.#connectionManager.openStream(peer, this.#init.protocol, options)

    return async (_, message) => sendOn(stream, message)
  }

  #openOnConnection (peer: PeerId, connection: Connection, options: OpenConnectionOptions & NewStreamOptions): OpenStream {
    return async (streamOptions, message) => {
      const allOptions = { ...options, ...streamOptions }

      try {
        return await this.#openOn(connection, message, allOptions)
      } catch (err) {
        if (!CONNECTION_LOST.has(err.name)) {
          throw err
        }

        // the connection was closed at this moment, maybe by our own connection manager: that says nothing about the peer
        return this.#openOn(await this.#reconnect(peer, connection, allOptions), message, allOptions)
      }
    }
  }

  async #openOn (connection: Connection, message: Uint8Array | undefined, options: NewStreamOptions): Promise<Stream> {
    const { protocol, speakers } = this.#init
    const stream = message === undefined
      ? await connection.newStream(protocol, options)
      : await openWithMessage(connection, protocol, message, options)
    speakers.agreed(connection.remotePeer)

    return stream
  }

  /** Connect anew while an earlier connection is closing */
  async #reconnect (peer: PeerId, closing: Connection, options: OpenConnectionOptions): Promise<Connection> {
    // the old connection may be listed as open although nothing can be sent on it any more
    closing.abort(new ConnectionClosedError())

    const dialOptions = { ...options, force: true }
    await this.#dialAnew(peer, dialOptions)

    return connectionsOf(this.#connectionManager, peer).find(connection => connection !== closing && connection.status === 'open') ??
      this.#connectionManager.openConnection(peer, dialOptions)
  }

  async #dialAnew (peer: PeerId, options: OpenConnectionOptions): Promise<void> {
    const context = this.#init.contexts.get(options.signal)

    await this.#dialer.dial(peer, { ...options, onProgress: onDialReached(() => { context?.onReached() }, options.onProgress) }, context?.onHeld)
  }
}

function isPeerId (target: Parameters<ConnectionManager['openStream']>[0]): target is PeerId {
  return 'toMultihash' in target
}
