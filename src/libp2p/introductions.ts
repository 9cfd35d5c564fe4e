import { isConnected } from './is-connected.ts'
import type { DHTSpeakers } from './dht-speakers.ts'
import type { InternalRoutingTable } from './kad-dht-internals.ts'
import type { PeerBook } from './peer-book.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { PeerScores } from '../score/peer-scores.ts'
import type { Logger, PeerId, PeerInfo } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { PeerInfoMapper } from '@libp2p/kad-dht'

/** Beyond it nobody waits for lookups to end: who was dropped will be named again */
const MAX_WAITING = 128

export interface IntroductionsComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

export interface IntroductionsInit {
  routingTable: InternalRoutingTable
  table: ScoredRoutingTable<string>
  scores: PeerScores<string>
  book: PeerBook
  speakers: Pick<DHTSpeakers, 'excludes' | 'subscribe'>
  peerInfoMapper: PeerInfoMapper
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
  /** Peers that were named while lookups ran */
  private readonly waiting = new Map<string, PeerId>()
  private lookups = 0

  constructor (components: IntroductionsComponents, init: IntroductionsInit) {
    this.components = components
    this.init = init
    this.admitSpeakers()
    init.speakers.subscribe({ left: id => { this.dismiss(id) }, back: id => { this.readmit(id) } })
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
   * Forget who waits
   */
  stop (): void {
    this.waiting.clear()
  }

  /**
   * A peer was named in a response, or connected and speaks the protocol
   */
  async introduce (info: PeerInfo): Promise<void> {
    const { book, table, scores, routingTable, peerInfoMapper, timeoutMs, now, log } = this.init
    const { multiaddrs } = peerInfoMapper(info)

    if (multiaddrs.length === 0) {
      log.trace('ignoring %p, it has no valid addresses', info.id)
      return
    }

    const peer = info.id.toString()

    if (this.init.speakers.excludes(peer)) {
      return
    }

    const { kadId } = await book.add(info.id, multiaddrs)

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

  /**
   * kad-dht takes anybody who answers a ping, clients too
   */
  private admitSpeakers (): void {
    const { routingTable: { kb }, speakers } = this.init
    const verify = kb.verify

    kb.verify = async (contact, options) => {
      const peer = contact.peerId.toString()

      // a ping takes about as long as it takes to be told
      return !speakers.excludes(peer) && await verify(contact, options) && !speakers.excludes(peer)
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
    const { book, scores, table } = this.init
    const peer = id.toString()
    const entry = book.get(peer)

    if (entry != null && scores.has(peer)) {
      table.remember({ peer, kadId: entry.kadId })
    }
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
