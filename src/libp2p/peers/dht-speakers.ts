import { isConnected } from '../streams/is-connected.ts'
import type { IdentifyResult, Libp2pEvents, PeerId, PeerUpdate } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { TypedEventTarget } from 'main-event'

export interface DHTSpeakersComponents {
  events: TypedEventTarget<Libp2pEvents>
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

export interface DHTSpeakersListener {
  /** A peer said or showed that it does not speak the protocol */
  left: (peer: PeerId) => void
  /** A peer speaks it after all, or again */
  back: (peer: PeerId) => void
}

/**
 * Knows which connected peers certainly don't speak the DHT's protocol. A peer says so when
 * it is identified or tells us of a change, and a stream that it refuses shows it. The
 * protocols in the peer store are no proof: libp2p adds one there when a peer opens a stream of
 * it, and clients do that too.
 */
export class DHTSpeakers {
  readonly #components: DHTSpeakersComponents
  readonly #protocol: string
  readonly #listeners = new Set<DHTSpeakersListener>()
  /** Those that don't speak it, by `peerId.toString()`. All are connected, so there are no more of them than connections. */
  readonly #others = new Set<string>()

  /**
   * @param protocol - The DHT's
   */
  constructor (components: DHTSpeakersComponents, protocol: string) {
    this.#components = components
    this.#protocol = protocol

    // these are heard while the service is stopped too, as a peer tells of itself only once
    components.events.addEventListener('peer:identify', ({ detail }) => { this.#identified(detail) })
    components.events.addEventListener('peer:update', ({ detail }) => { this.#updated(detail) })
    components.events.addEventListener('peer:disconnect', ({ detail }) => { this.#others.delete(detail.toString()) })
  }

  /**
   * Have a listener told of every change
   */
  subscribe (listener: DHTSpeakersListener): void {
    this.#listeners.add(listener)
  }

  /**
   * Whether it is known of a peer that it does not speak the protocol now
   *
   * @param peer - The peer's handle
   */
  excludes (peer: string): boolean {
    return this.#others.has(peer)
  }

  /**
   * A peer has agreed to a stream of the protocol
   */
  agreed (peer: PeerId): void {
    if (this.#others.delete(peer.toString())) {
      this.#listeners.forEach(({ back }) => { back(peer) })
    }
  }

  /**
   * A peer has refused a stream of the protocol, or says that it does not speak it
   */
  refused (peer: PeerId): void {
    if (isConnected(this.#components.connectionManager, peer)) {
      this.#others.add(peer.toString())
    }

    this.#listeners.forEach(({ left }) => { left(peer) })
  }

  #identified ({ peerId, protocols }: IdentifyResult): void {
    if (protocols.includes(this.#protocol)) {
      this.agreed(peerId)
    } else if (protocols.length > 0) {
      this.refused(peerId)
    }
  }

  #updated ({ peer, previous }: PeerUpdate): void {
    if (previous?.protocols.includes(this.#protocol) === true && !peer.protocols.includes(this.#protocol)) {
      this.refused(peer.id)
    }
  }
}
