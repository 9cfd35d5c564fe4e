import type { RoutingTables } from '../tables/routing-tables.ts'
import type { TableContents } from '../tables/table-contents.ts'
import type { World } from '../world/world.ts'

/**
 * What a simulation is played in
 */
export interface Scene {
  world: World
  tables: RoutingTables & TableContents
}
