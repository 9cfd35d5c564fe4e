import { isConnected } from '../streams/is-connected.ts'
import type { PeerBook } from './peer-book.ts'
import type { Logger, PeerId, PeerStore } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** The tag's name begins like this. The protocol follows, as a node may run two DHTs. With a name that begins with `keep-alive`, libp2p would dial a peer again after the user has hung up on it. */
const TAG_PREFIX = 'scored-kad-dht:'

/** More than the 1 of every peer in the routing table; less than the 50 of the peers closest to us, and than users give their own peers */
const TAG_VALUE = 5

/** A tag goes by itself after this time, ms, where a process has ended without taking it away. It is renewed after half of it. */
const TAG_TTL_MS = 3_600_000

/** At most this share of the connection limit is kept open for good peers */
const MAX_SHARE = 0.1

export interface KeepAliveComponents {
  peerStore: Pick<PeerStore, 'has' | 'merge'>
  connectionManager: Pick<ConnectionManager, 'getConnections' | 'getMaxConnections'>
}

export interface KeepAliveInit {
  book: PeerBook
  /** The DHT's */
  protocol: string
  /** How many peers are tagged at most; never more than a tenth of the connection limit */
  maxPeers: number
  now: () => number
  log: Logger
}

/**
 * Tags the best of the connected peers, so that the connection manager keeps their connections
 * when it has to close some.
 */
export class KeepAlive {
  private readonly components: KeepAliveComponents
  private readonly init: KeepAliveInit
  private tagged = new Map<string, { id: PeerId, at: number }>()

  constructor (components: KeepAliveComponents, init: KeepAliveInit) {
    this.components = components
    this.init = init
  }

  /**
   * How many peers may be tagged
   */
  get limit (): number {
    return Math.min(this.init.maxPeers, Math.floor(this.components.connectionManager.getMaxConnections() * MAX_SHARE))
  }

  /**
   * Tag the first of these peers that are connected, and take the tag from all others
   *
   * @param peers - Handles, best first
   */
  async update (peers: Iterable<string>): Promise<void> {
    const before = this.tagged
    const limit = this.limit
    const now = this.init.now()
    const renewed: PeerId[] = []
    this.tagged = new Map()

    for (const peer of peers) {
      const entry = this.init.book.get(peer)

      if (this.tagged.size < limit && entry != null && isConnected(this.components.connectionManager, entry.id)) {
        const at = before.get(peer)?.at ?? -Infinity
        const isDue = now - at > TAG_TTL_MS / 2

        this.tagged.set(peer, { id: entry.id, at: isDue ? now : at })

        if (isDue) {
          renewed.push(entry.id)
        }
      }
    }

    const removed = [...before].filter(([peer]) => !this.tagged.has(peer)).map(([, { id }]) => id)

    await Promise.all([
      ...renewed.map(async id => this.tag(id, { value: TAG_VALUE, ttl: TAG_TTL_MS })),
      ...removed.map(async id => this.tag(id, undefined))
    ])
  }

  private async tag (id: PeerId, tag: { value: number, ttl: number } | undefined): Promise<void> {
    const { peerStore } = this.components

    try {
      // a peer that the user has deleted from the peer store must not come back by this
      if (tag != null || await peerStore.has(id)) {
        await peerStore.merge(id, { tags: { [TAG_PREFIX + this.init.protocol]: tag } })
      }
    } catch (err) {
      this.init.log.error('could not tag %p - %e', id, err)
    }
  }
}
