import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * The routing tables of all nodes of a world
 */
export interface RoutingTables {
  /**
   * The peers that a node names when it is asked for a target: at most n entries of its
   * table, by ascending XOR distance. Entries that are dead by now are among them.
   */
  named (node: number, target: KadId, n: number): number[]
}
