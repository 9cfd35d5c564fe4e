import { raceSignal } from 'race-signal'
import { connectionsOf } from '../streams/connections-of.ts'
import { isConnected } from '../streams/is-connected.ts'
import type { InternalRoutingTable } from '../../kad-dht/internals.ts'
import type { BookEntry } from '../peers/book-entry.ts'
import type { PeerBook } from '../peers/peer-book.ts'
import type { KadId } from '../../keyspace/kad-id.ts'
import type { LookupPeer } from '../../lookup/candidate-list.ts'
import type { Lookups } from '../../lookup/lookups.ts'
import type { KBucketEntry } from '../../routing-table/k-buckets.ts'
import type { AbortOptions, PeerId, PeerInfo, PeerStore } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Rejects one check within `Promise.any`. Nobody sees this error. */
const NOT_DIALABLE = new Error('The peer can not be dialled')

export interface LookupPeersComponents {
  peerStore: Pick<PeerStore, 'get'>
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

/**
 * Peers for a lookup
 */
export interface HeardPeers {
  /** The peers that can be dialled, and those that are `unchecked` */
  peers: Array<LookupPeer<string>>
  /** For each `unchecked` peer, whether it can be dialled. These promises never reject. */
  checks: Array<{ peer: string, dialable: Promise<boolean> }>
}

interface Check {
  entry: BookEntry
  dialable: Promise<boolean>
  /** Whether the peer can be dialled; undefined until that is known */
  result: boolean | undefined
}

export interface LookupPeersInit {
  routingTable: Pick<InternalRoutingTable, 'closestPeers'>
  lookups: Lookups<string>
  book: PeerBook
  now: () => number
}

/**
 * What lookups need to know of peers: their scores, connections and addresses at the
 * moment
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
   * The known addresses of a peer, most reliable first
   */
  addressesOf (peer: string): Multiaddr[] {
    return this.#init.book.get(peer)?.addresses.map(({ multiaddr }) => multiaddr) ?? []
  }

  /**
   * The peers to start a lookup with: the closest in the routing table, remembered good
   * peers included, and connected peers further away
   *
   * @throws {AbortError} The signal was aborted
   */
  async start (target: KadId, options: AbortOptions): Promise<HeardPeers> {
    const { routingTable, lookups, book, now } = this.#init
    // this calls a method of kad-dht's routing table, which a user may have replaced
    const known = routingTable.closestPeers(target, { count: lookups.startCount })
    const entries = await Promise.all(known.map(async id => book.get(id.toString()) ?? book.add(id)))
    // a peer whose addresses are forgotten is not worth the search for them
    const others = [...lookups.namedCandidates(target, now()), ...this.#hintCandidates(target)].flatMap(({ peer }) => book.get(peer) ?? [])
    const checks = [...new Set([...entries, ...others])].map(entry => this.#check(entry, options))
    let heard = await this.#taken(checks)

    if (heard.peers.every(({ unchecked }) => unchecked === true)) {
      // wait for the first peer that can be dialled, which is enough to begin with, or until no peer can
      await raceSignal(Promise.any(checks.map(async ({ dialable }) => await dialable ? undefined : Promise.reject(NOT_DIALABLE))).catch(() => {}), options.signal)
      heard = await this.#taken(checks)
    }

    // if nobody has a usable address, all peers are given: libp2p's dial looks for addresses, and nothing else is left to try
    return heard.peers.length > 0 ? heard : { peers: checks.map(({ entry }) => this.#facts(entry)), checks: [] }
  }

  /**
   * The peers of an answer that can be dialled, and those for which this is not known yet
   *
   * @param referrer - Who named the peers
   */
  async named (peers: PeerInfo[], referrer: string, options: AbortOptions): Promise<HeardPeers> {
    const entries = await Promise.all(peers.map(async info => (await this.#init.book.learn(info)).entry))

    return this.#taken(entries.map(entry => this.#check(entry, options)), referrer)
  }

  /**
   * Sort the peers by their checks. Nearly all checks are done by the next turn of the
   * event loop. Peers that can't be dialled are left out. The other checks are slow, so
   * their peers are taken in as `unchecked`.
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

  #hintCandidates (target: KadId): Array<KBucketEntry<string>> {
    const { lookups, now } = this.#init
    const connected = new Set(connectionsOf(this.#components.connectionManager).map(({ remotePeer }) => remotePeer.toString()))

    return lookups.hintCandidates(target, connected, now())
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
   * Whether a peer is connected or has an address that was checked. Without one, a dial would
   * start another lookup, for the addresses of the peer.
   */
  #isReachable (entry: BookEntry): boolean {
    return this.isConnected(entry.id) || entry.addresses.some(({ checked }) => checked)
  }

  /**
   * Check the addresses of a peer until one that we can dial is found. If there is none,
   * those in the peer store are checked too. This does not throw.
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
      // the peer store does not know the peer, or the signal was aborted
      return this.#isReachable(entry)
    }
  }
}
