import { Queue } from '@libp2p/utils'
import { setMaxListeners } from 'main-event'
import type { InternalRoutingTable } from './kad-dht-internals.ts'
import type { PeerBook } from './peer-book.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { PeerScores } from '../score/peer-scores.ts'
import type { Logger, PeerId, PeerInfo } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { PeerInfoMapper } from '@libp2p/kad-dht'

/** Dials of peers that were only named, at once: they must not get in the way of those that a lookup asks */
const DIALS_AT_ONCE = 4

/** More wait at no time: what was dropped will be named again */
const MAX_WAITING = 128

export interface IntroductionsComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

export interface IntroductionsInit {
  routingTable: InternalRoutingTable
  table: ScoredRoutingTable<string>
  scores: PeerScores<string>
  book: PeerBook
  peerInfoMapper: PeerInfoMapper
  /** How long adding one peer to the routing table may take, ms */
  timeoutMs: number
  now: () => number
  log: Logger
}

/**
 * Decides what happens to peers that the DHT hears of. kad-dht dials each peer
 * that any response names, each time that it is named, to see whether it belongs in
 * the routing table; here a few at a time, and none that failed lately.
 */
export class Introductions {
  private readonly components: IntroductionsComponents
  private readonly init: IntroductionsInit
  private readonly queue = new Queue({ concurrency: DIALS_AT_ONCE })
  private readonly waiting = new Set<string>()
  private controller = new AbortController()
  private holds = 0

  constructor (components: IntroductionsComponents, init: IntroductionsInit) {
    this.components = components
    this.init = init
  }

  start (): void {
    this.controller = new AbortController()
    setMaxListeners(Infinity, this.controller.signal)
  }

  stop (): void {
    this.controller.abort()
    this.queue.abort()
    this.waiting.clear()
  }

  /**
   * Dial nobody until this ends: whom a lookup needs it asks itself
   *
   * @returns Ends it
   */
  hold (): () => void {
    this.holds++
    this.queue.pause()

    return () => {
      if (--this.holds === 0) {
        this.queue.resume()
      }
    }
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
    const { kadId } = await book.add(info.id, multiaddrs)

    if (this.components.connectionManager.getConnections(info.id).length > 0) {
      routingTable.queueRoutingTableUpdate(info.id, { activeTimeout: timeoutMs })
      return
    }

    table.heardOf({ peer, kadId }, 'named', now())

    if (routingTable.kb.get(kadId) == null && scores.classOf(peer, now()) !== 'unacceptable') {
      this.verify(peer, info.id)
    }
  }

  private verify (peer: string, id: PeerId): void {
    if (this.waiting.has(peer) || this.waiting.size >= MAX_WAITING || this.controller.signal.aborted) {
      return
    }

    this.waiting.add(peer)
    const { signal } = this.controller

    this.queue.add(async () => {
      // a lookup may have asked it meanwhile
      if (this.init.scores.has(peer)) {
        return
      }

      await this.init.routingTable.add(id, { signal: AbortSignal.any([signal, AbortSignal.timeout(this.init.timeoutMs)]) })
    })
      .catch(err => { this.init.log('could not add %p - %e', id, err) })
      .finally(() => { this.waiting.delete(peer) })
  }
}
