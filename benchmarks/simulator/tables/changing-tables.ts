import type { RoutingTables } from './routing-tables.ts'
import type { TableContents } from './table-contents.ts'

/**
 * Routing tables that time goes by for
 */
export interface ChangingTables extends RoutingTables, TableContents {
  /**
   * Have them be of a time, ms, that is not before the present one: until it is called
   * again, they are as of then
   */
  advance (now: number): void
}
