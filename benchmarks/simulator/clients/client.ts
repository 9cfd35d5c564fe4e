import type { Clock } from '../clock.ts'
import type { RoutingTables } from '../tables/routing-tables.ts'
import type { Endpoint } from '../world/network.ts'
import type { World } from '../world/world.ts'
import type { Connections } from './requests/connections.ts'
import type { Random } from '../../random/random.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * What a client has of the simulation
 */
export interface ClientComponents {
  world: World
  tables: RoutingTables
  clock: Clock
  /** Where the client is; it is nobody's routing table's entry */
  endpoint: Endpoint
  kadId: KadId
  /** Dials and requests, counted, over the client's own connections */
  connections: Connections
  /** Public nodes that were online at the start, known to everybody */
  bootstrap: readonly number[]
  random: Random
  /** The client's own */
  k: number
  /** Of those whom it asks: they name so many */
  networkK: number
}

/**
 * What a walk towards a key found
 */
export interface WalkResult {
  /** The closest peers that answered, at most k, ascending XOR distance */
  closest: number[]
  /** How long the longest chain of referrals was; undefined where nobody counts */
  hops?: number
}

/**
 * One arm of the simulation: somebody who uses the network, by the rules of one
 * implementation. An operation ends by a call of `done`, exactly once, unless it was
 * cancelled; operations may overlap.
 */
export interface Client {
  /** Begin: bootstrap, and whatever the implementation does by itself from now on */
  start (): void

  /** End what it does by itself; those that are never restarted need it not */
  stop? (): void

  /** The k closest peers to a key that answer */
  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation

  /**
   * Some provider of a key: done with the first that is known to hold a record
   *
   * @param isHolder - Whether a node holds the record that is looked for
   */
  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation

  /**
   * Store a record with the k closest peers
   *
   * @param answered - False for provider records, to which nothing is answered; true for values
   * @param done - Told the holders, and the hops of the walk to them where somebody counts
   */
  store (target: KadId, answered: boolean, done: (holders: number[], hops?: number) => void): Operation
}

export interface Operation {
  /** Requests made for it so far */
  readonly queries: number
  /** End it without a result */
  cancel (): void
}
