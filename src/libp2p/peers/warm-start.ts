import { Queue } from '@libp2p/utils'
import { setMaxListeners } from 'main-event'
import type { InternalRoutingTable } from '../../kad-dht/internals.ts'
import type { PeerBook } from './peer-book.ts'
import type { Logger, PeerStore } from '@libp2p/interface'

/** Enough to fill a lookup's first round, few enough not to look like a scan */
const DIALS_AT_ONCE = 16

export interface WarmStartComponents {
  peerStore: Pick<PeerStore, 'merge'>
}

export interface WarmStartInit {
  routingTable: InternalRoutingTable
  book: PeerBook
  log: Logger
}

/**
 * Dials the best restored peers, so that the routing table fills before the
 * bootstrap list is asked. Their addresses come from the score store: the peer
 * store forgets them after an hour.
 */
export class WarmStart {
  private readonly components: WarmStartComponents
  private readonly init: WarmStartInit
  private controller?: AbortController

  constructor (components: WarmStartComponents, init: WarmStartInit) {
    this.components = components
    this.init = init
  }

  /**
   * Dial peers and add those that answer to the routing table
   *
   * @param peers - Handles, best first
   * @returns When all were tried; it does not throw
   */
  async run (peers: string[]): Promise<void> {
    const controller = this.controller = new AbortController()
    setMaxListeners(Infinity, controller.signal)

    const queue = new Queue({ concurrency: DIALS_AT_ONCE })

    await Promise.all(peers.map(async peer => queue.add(async () => this.dial(peer, controller.signal), { signal: controller.signal })
      .catch(err => { this.init.log('could not dial restored peer %s - %e', peer, err) })))
  }

  stop (): void {
    this.controller?.abort()
  }

  private async dial (peer: string, signal: AbortSignal): Promise<void> {
    const { book, routingTable } = this.init
    const entry = book.get(peer)

    if (entry == null) {
      return
    }

    const addresses = await book.usable(entry, signal)

    if (addresses.length > 0) {
      await this.components.peerStore.merge(entry.id, { multiaddrs: addresses.map(({ multiaddr }) => multiaddr) }, { signal })
      await routingTable.add(entry.id, { signal })
    }
  }
}
