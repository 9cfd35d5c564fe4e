import { NotFoundError } from '@libp2p/interface'
import type { Peer, PeerData, PeerId, PeerInfo, PeerStore } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The peer store of a server's kad-dht. It knows the addresses of all peers in the
 * routing table. Unlike a real peer store it never forgets them, and filling it costs
 * nothing.
 */
export class FixedPeerStore implements Pick<PeerStore, 'all' | 'get' | 'getInfo' | 'merge'> {
  readonly #multiaddrs = new Map<string, Multiaddr[]>()

  set (id: PeerId, multiaddrs: Multiaddr[]): void {
    this.#multiaddrs.set(id.toString(), multiaddrs)
  }

  async all (): Promise<Peer[]> {
    return []
  }

  /**
   * @throws {NotFoundError} The peer is not known
   */
  async get (id: PeerId): Promise<Peer> {
    const { multiaddrs } = await this.getInfo(id)

    return {
      id,
      addresses: multiaddrs.map(multiaddr => ({ multiaddr, isCertified: false })),
      protocols: [],
      metadata: new Map(),
      tags: new Map()
    }
  }

  /**
   * @throws {NotFoundError} The peer is not known
   */
  async getInfo (id: PeerId): Promise<PeerInfo> {
    const multiaddrs = this.#multiaddrs.get(id.toString())

    if (multiaddrs === undefined) {
      throw new NotFoundError(`${id.toString()} is not known here`)
    }

    return { id, multiaddrs }
  }

  /** Learn the addresses of a provider. Tags are ignored. */
  async merge (id: PeerId, { multiaddrs }: PeerData): Promise<Peer> {
    if (multiaddrs !== undefined) {
      this.set(id, multiaddrs)
    }

    return this.get(id)
  }
}
