import { EmptyTableNotice } from './empty-table-notice.ts'
import { connectionsOf } from '../streams/connections-of.ts'
import { isConnected } from '../streams/is-connected.ts'
import type { DHTSpeakers } from './dht-speakers.ts'
import type { InternalRoutingTable } from '../../kad-dht/internals.ts'
import type { BookEntry } from './book-entry.ts'
import type { PeerBook } from './peer-book.ts'
import type { UpkeepRunner } from '../upkeep-runner.ts'
import type { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { Libp2pEvents, Logger, PeerId, PeerInfo, PeerUpdate } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { TypedEventTarget } from 'main-event'

export interface IntroductionsComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  events: TypedEventTarget<Libp2pEvents>
}

export interface IntroductionsInit {
  routingTable: InternalRoutingTable
  table: ScoredRoutingTable<string>
  book: PeerBook
  /** Tell the upkeep */
  tell: UpkeepRunner['tell']
  speakers: Pick<DHTSpeakers, 'excludes' | 'subscribe'>
  /** How long adding one peer to the routing table may take, ms */
  timeoutMs: number
  now: () => number
  log: Logger
}

/**
 * Tells the upkeep of peers that the DHT hears of, and introduces those that it chooses.
 * kad-dht dials each peer that any response names, each time that it is named, to see
 * whether it belongs in the routing table; here those are left out that have no address
 * or are known not to speak the protocol.
 */
export class Introductions {
  readonly #components: IntroductionsComponents
  readonly #init: IntroductionsInit
  readonly #notice: EmptyTableNotice

  constructor (components: IntroductionsComponents, init: IntroductionsInit) {
    this.#components = components
    this.#init = init
    this.#notice = new EmptyTableNotice({
      tableSize: () => init.routingTable.size,
      connections: () => connectionsOf(components.connectionManager).length,
      now: init.now,
      log: init.log
    })
    init.speakers.subscribe({ left: id => { this.#dismiss(id) }, back: id => { this.#readmit(id) } })
  }

  /**
   * Learn of addresses that others put into the peer store: discovery, identify, the
   * user
   */
  start (): void {
    this.#components.events.addEventListener('peer:update', this.#onUpdate)
  }

  /**
   * A query begins to wait for a first peer
   *
   * @returns To be called when it no longer waits
   */
  waitBegins (): () => void {
    return this.#notice.waits()
  }

  /**
   * Listen no more
   */
  stop (): void {
    this.#components.events.removeEventListener('peer:update', this.#onUpdate)
  }

  /**
   * A peer was named in a response, or connected and speaks the protocol
   */
  async hear (info: PeerInfo): Promise<void> {
    const { book, tell, speakers, log } = this.#init
    const { entry, isAllowed } = await book.learn(info)

    if (!isAllowed) {
      log.trace('ignoring %p, it has no valid addresses', info.id)
      this.#notice.filtered(info)
      return
    }

    if (!isConnected(this.#components.connectionManager, info.id) && (await book.usable(entry)).length === 0) {
      log.trace('ignoring %p, it has no address that can be dialled', info.id)
      return
    }

    const peer = info.id.toString()
    this.#countOthersDial(entry)

    if (!speakers.excludes(peer)) {
      tell({ type: 'named', entry: { peer, kadId: entry.kadId }, connected: isConnected(this.#components.connectionManager, info.id) })
    }
  }

  /**
   * Take a peer into the routing table if it answers a ping
   *
   * @param peer - One that was heard of
   */
  async introduce (peer: string, signal: AbortSignal): Promise<void> {
    const entry = this.#init.book.get(peer)

    if (entry !== undefined) {
      this.admit(peer)
      // one that found no room in the queue is over
      await this.#init.routingTable.routingTableUpdateQueue.find(entry.id)?.join({ signal })
    }
  }

  /**
   * Offer a connected peer to the routing table
   */
  admit (peer: string): void {
    const { book, routingTable, timeoutMs } = this.#init
    const entry = book.get(peer)

    if (entry !== undefined) {
      routingTable.queueRoutingTableUpdate(entry.id, { activeTimeout: timeoutMs })
    }
  }

  readonly #onUpdate = ({ detail: { peer, previous } }: CustomEvent<PeerUpdate>): void => {
    const { book, log } = this.#init
    const multiaddrs = peer.addresses.map(({ multiaddr }) => multiaddr)
      .filter(multiaddr => previous?.addresses.some(address => address.multiaddr.equals(multiaddr)) !== true)

    if (multiaddrs.length > 0 && book.get(peer.id.toString()) !== undefined) {
      book.learn({ id: peer.id, multiaddrs }).catch(err => { log.error('could not learn the addresses of %p - %e', peer.id, err) })
    }
  }

  /**
   * That others connected to it, the user or discovery, shows as well which address works
   */
  #countOthersDial ({ id, addresses }: BookEntry): void {
    for (const { direction, remoteAddr } of connectionsOf(this.#components.connectionManager, id)) {
      if (direction === 'outbound' && addresses.every(({ workedAt }) => workedAt === undefined)) {
        this.#init.book.dialled(id.toString(), remoteAddr, true)
      }
    }
  }

  #dismiss (id: PeerId): void {
    const { table, routingTable, tell, log } = this.#init
    const peer = id.toString()

    tell({ type: 'left', peer })
    table.leave(peer)
    routingTable.remove(id).catch(err => { log.error('could not remove %p - %e', id, err) })
  }

  /**
   * The routing table hears of it by itself
   */
  #readmit (id: PeerId): void {
    this.#init.table.admit(id.toString())
  }
}
