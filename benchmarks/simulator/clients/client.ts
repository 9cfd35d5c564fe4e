import type { Clock } from '../clock.ts'
import type { RoutingTables } from '../tables/routing-tables.ts'
import type { Endpoint } from '../world/network.ts'
import type { World } from '../world/world.ts'
import type { Connections } from './requests/connections.ts'
import type { Random } from '../../random/random.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * The parts of the simulation that a client is given
 */
export interface ClientComponents {
  world: World
  tables: RoutingTables
  clock: Clock
  /** Where the client is. A client is in no routing table. */
  endpoint: Endpoint
  kadId: KadId
  /** The client's own connections. They count its dials and requests. */
  connections: Connections
  /** Public nodes that were online at the start. Every client knows them. */
  bootstrap: readonly number[]
  random: Random
  /** The k of this client */
  k: number
  /** The k of the nodes: how many peers they name in an answer */
  networkK: number
}

/**
 * The result of a walk towards a key
 */
export interface WalkResult {
  /** The closest peers that answered, at most k, ascending XOR distance */
  closest: number[]
  /** Length of the longest chain of referrals. Undefined where it is not counted. */
  hops?: number
}

/**
 * Called when the caller of a store may go on. Gets the holders by then, the hops of the walk to them
 * where these are counted, and whether the operation goes on to store with others.
 */
export type OnReturn = (holders: number[], more?: { hops?: number, goesOn?: boolean }) => void

export type OnSettled = (holders: number[]) => void

/** Called for a node that has come to hold the record */
export type OnStored = (node: number) => void

/**
 * One arm of the simulation: a client of the network that follows the rules of one
 * implementation. An operation ends by a call of `done`, exactly once, unless it was
 * cancelled. Operations may overlap.
 */
export interface Client {
  /** Start the client: it bootstraps, and does from now on what the implementation does by itself */
  start (): void

  /** Stop what the client does by itself. Only a client that can be restarted needs this. */
  stop? (): void

  /** Find the k closest peers to a key that answer */
  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation

  /**
   * Find a provider of a key. The operation is done with the first node that is known to
   * hold a record.
   *
   * @param isHolder - Whether a node holds the record that is looked for
   */
  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation

  /**
   * Store a record with the k closest peers
   *
   * @param answered - False for provider records, because they get no answer, and true for values
   * @param done - The caller may go on
   * @param onSettled - Called later than `done`, where `done` was told that the operation goes on: gets all holders
   * @param onStored - Called at once for each holder by those clients whose operation may go on. Of the others, `done` tells the holders.
   */
  store (target: KadId, answered: boolean, done: OnReturn, onSettled?: OnSettled, onStored?: OnStored): Operation
}

export interface Operation {
  /** Number of requests made for the operation so far */
  readonly queries: number
  /** End the operation without a result */
  cancel (): void
}
