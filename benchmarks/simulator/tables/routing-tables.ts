import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * The routing tables of all nodes of a world
 */
export interface RoutingTables {
  /**
   * Whom a node names when somebody asks it for a target: at most n of its table,
   * ascending XOR distance, those that are dead by now included
   */
  named (node: number, target: KadId, n: number): number[]
}
