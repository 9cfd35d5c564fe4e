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
 * Knows of which connected peers it is certain that they don't speak the DHT's
 * protocol: what they tell when they are identified, or when they tell us of a change,
 * and what comes of streams to them. The protocols in the peer store are no
 * proof: libp2p adds one there when a peer opens a stream of it, as clients do.
 */
export class DHTSpeakers {
  readonly #components: DHTSpeakersComponents
  readonly #protocol: string
  readonly #listeners = new Set<DHTSpeakersListener>()
  /** By `peerId.toString()`; connected, so that there are no more of them than connections */
  readonly #others = new Set<string>()

  /**
   * @param protocol - The DHT's
   */
  constructor (components: DHTSpeakersComponents, protocol: string) {
    this.#components = components
    this.#protocol = protocol

    // they are followed while the service is stopped too, as nobody tells of himself twice
    components.events.addEventListener('peer:identify', ({ detail }) => { this.#identified(detail) })
    components.events.addEventListener('peer:update', ({ detail }) => { this.#updated(detail) })
    components.events.addEventListener('peer:disconnect', ({ detail }) => { this.#others.delete(detail.toString()) })
  }

  /**
   * Be told of every change
   */
  subscribe (listener: DHTSpeakersListener): void {
    this.#listeners.add(listener)
  }

  /**
   * Whether a peer is known not to speak the protocol at the moment
   *
   * @param peer - Its handle
   */
  excludes (peer: string): boolean {
    return this.#others.has(peer)
  }

  /**
   * A stream of the protocol was agreed on
   */
  agreed (peer: PeerId): void {
    if (this.#others.delete(peer.toString())) {
      this.#listeners.forEach(({ back }) => { back(peer) })
    }
  }

  /**
   * A stream of the protocol was refused
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
