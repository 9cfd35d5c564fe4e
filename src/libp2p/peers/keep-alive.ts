import type { PeerBook } from './peer-book.ts'
import type { PeerStore } from '@libp2p/interface'

/** The tag's name begins like this. The protocol follows, as a node may run two DHTs. With a name that begins with `keep-alive`, libp2p would dial a peer again after the user has hung up on it. */
const TAG_PREFIX = 'scored-kad-dht:'

/** More than the 1 of every peer in the routing table; less than the 50 of the peers closest to us, and than users give their own peers */
const TAG_VALUE = 5

export interface KeepAliveComponents {
  peerStore: Pick<PeerStore, 'has' | 'merge'>
}

export interface KeepAliveInit {
  book: Pick<PeerBook, 'idOf'>
  /** The DHT's */
  protocol: string
}

/**
 * Tags peers, so that the connection manager keeps their connections when it has to
 * close some.
 */
export class KeepAlive {
  readonly #components: KeepAliveComponents
  readonly #init: KeepAliveInit

  constructor (components: KeepAliveComponents, init: KeepAliveInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Tag a peer, or take the tag from it
   *
   * @param forMs - The tag goes by itself after this time; undefined to take it away
   */
  async tag (peer: string, forMs: number | undefined): Promise<void> {
    const { peerStore } = this.#components
    const { book, protocol } = this.#init
    const id = book.idOf(peer)

    // a peer that the user has deleted from the peer store must not come back by this
    if (forMs !== undefined || await peerStore.has(id)) {
      await peerStore.merge(id, { tags: { [TAG_PREFIX + protocol]: forMs === undefined ? undefined : { value: TAG_VALUE, ttl: forMs } } })
    }
  }
}
