import { EmptyTableNotice } from './empty-table-notice.ts'
import { isConnected } from '../streams/is-connected.ts'
import type { DHTSpeakers } from './dht-speakers.ts'
import type { InternalRoutingTable } from '../../kad-dht/internals.ts'
import type { BookEntry, PeerBook } from './peer-book.ts'
import type { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { PeerScores } from '../../routing-table/peer-scores.ts'
import type { Libp2pEvents, Logger, PeerId, PeerInfo, PeerUpdate } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { TypedEventTarget } from 'main-event'

/** Beyond it nobody waits for lookups to end: who was dropped will be named again */
const MAX_WAITING = 128

export interface IntroductionsComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  events: TypedEventTarget<Libp2pEvents>
}

export interface IntroductionsInit {
  routingTable: InternalRoutingTable
  table: ScoredRoutingTable<string>
  scores: PeerScores<string>
  book: PeerBook
  speakers: Pick<DHTSpeakers, 'excludes' | 'subscribe'>
  /** How long adding one peer to the routing table may take, ms */
  timeoutMs: number
  now: () => number
  log: Logger
}

/**
 * Decides what happens to peers that the DHT hears of. kad-dht dials each peer
 * that any response names, each time that it is named, to see whether it belongs in
 * the routing table; here a few at a time, none that failed lately, none that is known
 * not to speak the protocol, and nobody while a lookup runs.
 */
export class Introductions {
  private readonly components: IntroductionsComponents
  private readonly init: IntroductionsInit
  private readonly notice: EmptyTableNotice
  /** Peers that were named while lookups ran */
  private readonly waiting = new Map<string, PeerId>()
  private lookups = 0

  constructor (components: IntroductionsComponents, init: IntroductionsInit) {
    this.components = components
    this.init = init
    this.notice = new EmptyTableNotice({
      tableSize: () => init.routingTable.size,
      connections: () => components.connectionManager.getConnections().length,
      now: init.now,
      log: init.log
    })
    init.speakers.subscribe({ left: id => { this.dismiss(id) }, back: id => { this.readmit(id) } })
  }

  /**
   * Learn of addresses that others put into the peer store: discovery, identify, the
   * user
   */
  start (): void {
    this.components.events.addEventListener('peer:update', this.onUpdate)
  }

  /**
   * A lookup begins: until it ends nobody is dialled, as whom it needs it asks itself
   *
   * @returns To be called at its end
   */
  lookupBegins (): () => void {
    this.lookups++

    return () => {
      if (--this.lookups === 0) {
        this.introduceWaiting()
      }
    }
  }

  /**
   * A query begins to wait for a first peer
   *
   * @returns To be called when it no longer waits
   */
  waitBegins (): () => void {
    return this.notice.waits()
  }

  /**
   * Forget who waits, and listen no more
   */
  stop (): void {
    this.components.events.removeEventListener('peer:update', this.onUpdate)
    this.waiting.clear()
  }

  /**
   * A peer was named in a response, or connected and speaks the protocol
   */
  async introduce (info: PeerInfo): Promise<void> {
    const { book, table, scores, routingTable, timeoutMs, now, log } = this.init
    const { entry, isAllowed } = await book.learn(info)

    if (!isAllowed) {
      log.trace('ignoring %p, it has no valid addresses', info.id)
      this.notice.filtered(info)
      return
    }

    if (!isConnected(this.components.connectionManager, info.id) && (await book.usable(entry)).length === 0) {
      log.trace('ignoring %p, it has no address that can be dialled', info.id)
      return
    }

    const { kadId } = entry
    const peer = info.id.toString()
    this.countOthersDial(entry)

    if (this.init.speakers.excludes(peer)) {
      return
    }

    if (!isConnected(this.components.connectionManager, info.id)) {
      table.heardOf({ peer, kadId }, 'named', now())

      if (routingTable.kb.get(kadId) != null || scores.classOf(peer, now()) === 'unacceptable') {
        return
      }
    }

    if (this.lookups > 0 && !isConnected(this.components.connectionManager, info.id)) {
      if (this.waiting.size < MAX_WAITING) {
        this.waiting.set(peer, info.id)
      }

      return
    }

    routingTable.queueRoutingTableUpdate(info.id, { activeTimeout: timeoutMs })
  }

  private readonly onUpdate = ({ detail: { peer, previous } }: CustomEvent<PeerUpdate>): void => {
    const { book, log } = this.init
    const multiaddrs = peer.addresses.map(({ multiaddr }) => multiaddr)
      .filter(multiaddr => previous?.addresses.some(address => address.multiaddr.equals(multiaddr)) !== true)

    if (multiaddrs.length > 0 && book.get(peer.id.toString()) != null) {
      book.learn({ id: peer.id, multiaddrs }).catch(err => { log.error('could not learn the addresses of %p - %e', peer.id, err) })
    }
  }

  /**
   * That others connected to it, the user or discovery, shows as well which address works
   */
  private countOthersDial ({ id, addresses }: BookEntry): void {
    for (const { direction, remoteAddr } of this.components.connectionManager.getConnections(id) ?? []) {
      if (direction === 'outbound' && addresses.every(({ workedAt }) => workedAt === undefined)) {
        this.init.book.dialled(id.toString(), remoteAddr, true)
      }
    }
  }

  private dismiss (id: PeerId): void {
    const { table, routingTable, log } = this.init
    const peer = id.toString()

    this.waiting.delete(peer)
    table.leave(peer)
    routingTable.remove(id).catch(err => { log.error('could not remove %p - %e', id, err) })
  }

  /**
   * The routing table hears of it by itself
   */
  private readmit (id: PeerId): void {
    this.init.table.admit(id.toString())
  }

  private introduceWaiting (): void {
    const { scores, routingTable, timeoutMs } = this.init

    for (const [peer, id] of this.waiting) {
      // whom a lookup asked meanwhile is known for what it is
      if (!scores.has(peer)) {
        routingTable.queueRoutingTableUpdate(id, { activeTimeout: timeoutMs })
      }
    }

    this.waiting.clear()
  }
}
