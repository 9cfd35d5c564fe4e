import { raceSignal } from 'race-signal'
import { isConnected } from '../streams/is-connected.ts'
import type { InternalRoutingTable } from '../../kad-dht/internals.ts'
import type { PeerBook, BookEntry } from '../peers/peer-book.ts'
import type { KadId } from '../../keyspace/kad-id.ts'
import type { LookupPeer } from '../../lookup/candidate-list.ts'
import type { Lookups } from '../../lookup/lookups.ts'
import type { AbortOptions, PeerId, PeerInfo, PeerStore } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An error that nobody sees */
const NOT_DIALABLE = new Error('The peer can not be dialled')

export interface LookupPeersComponents {
  peerStore: Pick<PeerStore, 'get'>
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

/**
 * Peers for a lookup
 */
export interface HeardPeers {
  peers: Array<LookupPeer<string>>
  /** When it turns out whether those can be dialled that are `unchecked`; these do not throw */
  checks: Array<{ peer: string, dialable: Promise<boolean> }>
}

interface Check {
  entry: BookEntry
  dialable: Promise<boolean>
  /** undefined until it is known */
  result: boolean | undefined
}

export interface LookupPeersInit {
  routingTable: Pick<InternalRoutingTable, 'closestPeers'>
  lookups: Lookups<string>
  book: PeerBook
  now: () => number
}

/**
 * What lookups need to know of peers: scores, connections and addresses as they
 * are at the moment
 */
export class LookupPeers {
  readonly #components: LookupPeersComponents
  readonly #init: LookupPeersInit

  constructor (components: LookupPeersComponents, init: LookupPeersInit) {
    this.#components = components
    this.#init = init
  }

  idOf (peer: string): PeerId {
    return this.#init.book.idOf(peer)
  }

  isConnected (id: PeerId): boolean {
    return isConnected(this.#components.connectionManager, id)
  }

  /**
   * The addresses that are known of a peer, most reliable first
   */
  addressesOf (peer: string): Multiaddr[] {
    return this.#init.book.get(peer)?.addresses.map(({ multiaddr }) => multiaddr) ?? []
  }

  /**
   * The peers to start a lookup with: the closest of the routing table and of all
   * good ones that the scores remember
   *
   * @throws {AbortError} The signal was aborted
   */
  async start (target: KadId, options: AbortOptions): Promise<HeardPeers> {
    const { routingTable, lookups, book } = this.#init
    // through kad-dht's own table, as its users may have put something else in the place of this
    const known = routingTable.closestPeers(target, { count: lookups.startCount })
    const entries = await Promise.all(known.map(async id => book.get(id.toString()) ?? book.add(id)))
    const checks = entries.map(entry => this.#check(entry, options))
    let heard = await this.#taken(checks)

    if (heard.peers.every(({ unchecked }) => unchecked === true)) {
      // one is enough to begin with, and when there is none that has to be known
      await raceSignal(Promise.any(checks.map(async ({ dialable }) => await dialable ? undefined : Promise.reject(NOT_DIALABLE))).catch(() => {}), options.signal)
      heard = await this.#taken(checks)
    }

    // where no address is left, a dial that looks for one is the only hope
    return heard.peers.length > 0 ? heard : { peers: checks.map(({ entry }) => this.#facts(entry)), checks: [] }
  }

  /**
   * The named peers that can be dialled, or may prove to be, as a lookup sees them
   *
   * @param referrer - Who named them
   */
  async named (peers: PeerInfo[], referrer: string, options: AbortOptions): Promise<HeardPeers> {
    const entries = await Promise.all(peers.map(async info => (await this.#init.book.learn(info)).entry))

    return this.#taken(entries.map(entry => this.#check(entry, options)), referrer)
  }

  /**
   * Whoever has been checked by the next turn of the event loop, as nearly all have,
   * is taken in for good or left out. The others are slow, and nobody waits for them.
   */
  async #taken (checks: Check[], referrer?: string): Promise<HeardPeers> {
    if (checks.some(({ result }) => result === undefined)) {
      await Promise.race([Promise.all(checks.map(async ({ dialable }) => dialable)), new Promise(resolve => setTimeout(resolve))])
    }

    return {
      peers: checks.filter(({ result }) => result !== false).map(({ entry, result }) => ({ ...this.#facts(entry, referrer), ...(result === undefined && { unchecked: true }) })),
      checks: checks.filter(({ result }) => result === undefined).map(({ entry, dialable }) => ({ peer: entry.id.toString(), dialable }))
    }
  }

  #facts ({ id, kadId, relayed }: BookEntry, referrer?: string): LookupPeer<string> {
    return this.#init.lookups.factsOf({ peer: id.toString(), kadId, connected: this.isConnected(id), relayed, referrer }, this.#init.now())
  }

  #check (entry: BookEntry, options: AbortOptions): Check {
    if (this.#isReachable(entry)) {
      return { entry, dialable: Promise.resolve(true), result: true }
    }

    const check: Check = { entry, dialable: this.#becomesReachable(entry, options), result: undefined }
    check.dialable.then(result => { check.result = result }, () => { check.result = false })

    return check
  }

  /**
   * Without an address a dial would start a lookup for the peer, within this lookup
   */
  #isReachable (entry: BookEntry): boolean {
    return this.isConnected(entry.id) || entry.addresses.some(({ checked }) => checked)
  }

  /**
   * As soon as one of its addresses is known to be one that we can dial; the peer
   * store is asked when none is left. It does not throw.
   */
  async #becomesReachable (entry: BookEntry, options: AbortOptions): Promise<boolean> {
    const { book } = this.#init

    try {
      if ((await book.usable(entry, options.signal)).length > 0) {
        return true
      }

      const { addresses } = await this.#components.peerStore.get(entry.id, options)
      await book.learn({ id: entry.id, multiaddrs: addresses.map(({ multiaddr }) => multiaddr) })

      return (await book.usable(entry, options.signal)).length > 0
    } catch {
      // the peer store does not know it either, or nobody waits any more
      return this.#isReachable(entry)
    }
  }
}
