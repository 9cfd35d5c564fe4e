import type { ChangingTables } from '../tables/changing-tables.ts'
import type { World } from '../world/world.ts'

/**
 * What a simulation is played in
 */
export interface Scene {
  world: World
  tables: ChangingTables
}
