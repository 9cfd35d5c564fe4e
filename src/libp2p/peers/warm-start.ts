import type { InternalRoutingTable } from '../../kad-dht/internals.ts'
import type { PeerBook } from './peer-book.ts'
import type { PeerStore } from '@libp2p/interface'

export interface WarmStartComponents {
  peerStore: Pick<PeerStore, 'merge'>
}

export interface WarmStartInit {
  routingTable: InternalRoutingTable
  book: PeerBook
}

/**
 * Dials restored peers. Their addresses come from the score store: the peer store
 * forgets them after an hour.
 */
export class WarmStart {
  readonly #components: WarmStartComponents
  readonly #init: WarmStartInit

  constructor (components: WarmStartComponents, init: WarmStartInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Dial a peer, and add it to the routing table if it answers
   *
   * @param peer - Its handle
   */
  async dial (peer: string, signal: AbortSignal): Promise<void> {
    const { book, routingTable } = this.#init
    const entry = book.get(peer)

    if (entry === undefined) {
      return
    }

    const addresses = await book.usable(entry, signal)

    if (addresses.length > 0) {
      await this.#components.peerStore.merge(entry.id, { multiaddrs: addresses.map(({ multiaddr }) => multiaddr) }, { signal })
      await routingTable.add(entry.id, { signal })
    }
  }
}
