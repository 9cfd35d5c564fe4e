import { KEEP_ALIVE } from '@libp2p/interface'
import { isConnected } from './is-connected.ts'
import type { PeerBook } from './peer-book.ts'
import type { Logger, PeerStore } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

const TAG = `${KEEP_ALIVE}-scored-kad-dht`

/** Below the 50 that kad-dht gives the peers closest to us */
const TAG_VALUE = 25

/** At most this share of the connection limit is kept open for good peers */
const MAX_SHARE = 0.1

export interface KeepAliveComponents {
  peerStore: Pick<PeerStore, 'merge'>
  connectionManager: Pick<ConnectionManager, 'getConnections' | 'getMaxConnections'>
}

export interface KeepAliveInit {
  book: PeerBook
  /** How many peers are tagged at most; never more than a tenth of the connection limit */
  maxPeers: number
  log: Logger
}

/**
 * Tags the best peers that we are connected to, so that the connection manager
 * keeps their connections when it has to close some.
 */
export class KeepAlive {
  private readonly components: KeepAliveComponents
  private readonly init: KeepAliveInit
  private tagged = new Set<string>()

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
   * Tag the first of these that are connected, take the tag from all others
   *
   * @param peers - Handles, best first
   */
  async update (peers: Iterable<string>): Promise<void> {
    const next = new Set<string>()
    const limit = this.limit

    for (const peer of peers) {
      const entry = this.init.book.get(peer)

      if (next.size < limit && entry != null && isConnected(this.components.connectionManager, entry.id)) {
        next.add(peer)
      }
    }

    const added = [...next].filter(peer => !this.tagged.has(peer))
    const removed = [...this.tagged].filter(peer => !next.has(peer))
    this.tagged = next

    await Promise.all([
      ...added.map(async peer => this.tag(peer, { value: TAG_VALUE })),
      ...removed.map(async peer => this.tag(peer, undefined))
    ])
  }

  private async tag (peer: string, tag: { value: number } | undefined): Promise<void> {
    const entry = this.init.book.get(peer)

    if (entry != null) {
      await this.components.peerStore.merge(entry.id, { tags: { [TAG]: tag } })
        .catch(err => { this.init.log.error('could not tag %p - %e', entry.id, err) })
    }
  }
}
