import { lookupPeerFacts } from '../lookup/lookup-peer-facts.ts'
import { isConnected } from './is-connected.ts'
import type { InternalRoutingTable } from './kad-dht-internals.ts'
import type { PeerBook, BookEntry } from './peer-book.ts'
import type { RequestTimeouts } from './request-timeouts.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { LookupPeer } from '../lookup/candidate-list.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { PeerScores } from '../score/peer-scores.ts'
import type { AbortOptions, PeerId, PeerInfo, PeerStore } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** A lookup starts from this many times k known peers: one list needs more than its k, since some will not answer */
const START_PER_K = 2

export interface LookupPeersComponents {
  peerStore: Pick<PeerStore, 'get'>
  connectionManager: Pick<ConnectionManager, 'getConnections' | 'isDialable'>
}

export interface LookupPeersInit {
  scores: PeerScores<string>
  table: ScoredRoutingTable<string>
  book: PeerBook
  routingTable: Pick<InternalRoutingTable, 'closestPeers'>
  peerIdOf: (peer: string) => PeerId
  k: number
  /** Scores below it are unacceptable, 0 to 0.5 */
  unacceptableThreshold: number
  now: () => number
  timeouts: RequestTimeouts
}

/**
 * What lookups need to know of peers: scores, connections and addresses as they
 * are at the moment
 */
export class LookupPeers {
  private readonly components: LookupPeersComponents
  private readonly init: LookupPeersInit

  constructor (components: LookupPeersComponents, init: LookupPeersInit) {
    this.components = components
    this.init = init
  }

  /**
   * Whether enough good peers are known for a lookup without any of kad-dht's waiting
   */
  get enoughGood (): boolean {
    return this.init.table.goodPeers(this.init.now()) >= this.init.k
  }

  idOf (peer: string): PeerId {
    return this.init.peerIdOf(peer)
  }

  /**
   * How long the first sign of life may take when a peer is asked, ms; undefined
   * when it is connected
   */
  connectDeadlineMs (peer: string, isProbe: boolean): number | undefined {
    return this.isConnected(this.idOf(peer)) ? undefined : this.init.scores.connectDeadlineMs(peer, isProbe)
  }

  /**
   * How long the answer of a peer may take once the first sign of life took `connectMs`, ms
   */
  dialledDeadlineMs (peer: string, connectMs: number): number {
    return this.init.scores.dialledDeadlineMs(peer, connectMs)
  }

  /**
   * Whether the last request to this peer did not even get as far as connecting
   */
  wasUnreachable (peer: string): boolean {
    return this.init.scores.get(peer)?.lastOutcome === 'dialFailed'
  }

  async entryOf (peer: string): Promise<BookEntry> {
    return this.init.book.get(peer) ?? this.init.book.add(this.idOf(peer))
  }

  /**
   * The peers to start a lookup with: the closest of the routing table and of all
   * good ones that the scores remember
   */
  async start (target: KadId, options: AbortOptions): Promise<Array<LookupPeer<string>>> {
    const { routingTable, k } = this.init
    const candidates = await Promise.all(routingTable.closestPeers(target, { count: START_PER_K * k }).map(async id => {
      const entry = await this.entryOf(id.toString())

      return { reachable: await this.isReachable(entry, options), facts: this.facts(id.toString(), entry) }
    }))
    const reachable = candidates.filter(({ reachable }) => reachable)

    // where no address is left, a dial that looks for one is the only hope
    return (reachable.length > 0 ? reachable : candidates).map(({ facts }) => facts)
  }

  /**
   * The named peers that can be dialled, as a lookup sees them
   *
   * @param referrer - Who named them
   */
  async named (peers: PeerInfo[], referrer: string, options: AbortOptions): Promise<Array<LookupPeer<string>>> {
    return (await Promise.all(peers.map(async ({ id, multiaddrs }) => {
      const entry = await this.init.book.add(id, multiaddrs)

      return await this.isReachable(entry, options) ? this.facts(id.toString(), entry, referrer) : undefined
    }))).filter(facts => facts != null)
  }

  private facts (peer: string, { id, kadId, relayed, failsFast, triedAt }: BookEntry, referrer?: string): LookupPeer<string> {
    return lookupPeerFacts({ peer, kadId, connected: this.isConnected(id), relayed, failsFast, triedAt, referrer }, this.init, this.init.now())
  }

  private isConnected (id: PeerId): boolean {
    return isConnected(this.components.connectionManager, id)
  }

  /**
   * Without an address a dial would start a lookup for the peer, within this lookup
   */
  private async isReachable (entry: BookEntry, options: AbortOptions): Promise<boolean> {
    if (this.isConnected(entry.id)) {
      return true
    }

    let multiaddrs = entry.addresses.map(({ multiaddr }) => multiaddr)

    if (multiaddrs.length === 0) {
      try {
        multiaddrs = (await this.components.peerStore.get(entry.id, options)).addresses.map(({ multiaddr }) => multiaddr)
        await this.init.book.add(entry.id, multiaddrs)
      } catch {
        // the peer store does not know it either
      }
    }

    return multiaddrs.length > 0 && this.components.connectionManager.isDialable(multiaddrs, options)
  }
}
