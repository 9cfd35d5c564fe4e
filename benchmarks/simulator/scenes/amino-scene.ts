import { conditionsOf } from '../conditions-of.ts'
import { createTables } from '../tables/create-tables.ts'
import { createWorld } from '../world/create-world.ts'
import type { SimulationOptions } from '../simulation-options.ts'
import type { Scene } from './scene.ts'

const HOUR_MS = 3_600_000

export interface SceneHooks {
  signal: AbortSignal
  /** How far its making is, of `total` */
  onProgress: (done: number, total: number) => void
}

/**
 * A network like the Amino DHT, with routing tables that have grown for some hours
 */
export async function aminoScene (options: SimulationOptions, { signal, onProgress }: SceneHooks): Promise<Scene> {
  const { nodes, seed, k, warmupHours } = options
  const conditions = conditionsOf(options)
  const startMs = -warmupHours * HOUR_MS
  const world = createWorld({ nodes, seed, conditions, startMs })

  return { world, tables: await createTables(world, { seed, k, nodes, conditions, startMs, signal, onProgress }) }
}
