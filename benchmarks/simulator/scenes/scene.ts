import type { ChangingTables } from '../tables/changing-tables.ts'
import type { World } from '../world/world.ts'

/**
 * The surroundings of a simulation: its world and its routing tables
 */
export interface Scene {
  world: World
  tables: ChangingTables
}
