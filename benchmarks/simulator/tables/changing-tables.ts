import type { RoutingTables } from './routing-tables.ts'
import type { TableContents } from './table-contents.ts'

/**
 * Routing tables that change as time goes on
 */
export interface ChangingTables extends RoutingTables, TableContents {
  /**
   * Move the tables on to a time, ms, that is not before the present one. They stay as of
   * then until the next call.
   */
  advance (now: number): void
}
