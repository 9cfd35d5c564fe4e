import { conditionsOf } from '../conditions-of.ts'
import { createTables } from '../tables/create-tables.ts'
import { createWorld } from '../world/create-world.ts'
import type { SimulationOptions } from '../simulation-options.ts'
import type { Scene } from './scene.ts'

const HOUR_MS = 3_600_000

export interface SceneHooks {
  /** When the measured operations begin, ms. It is 0 or more, because the clients' time begins at 0. */
  beginsAtMs: number
  signal: AbortSignal
  /** Called with the progress of the preparation */
  onProgress: (done: number, total: number) => void
}

/**
 * A network like the Amino DHT. Its routing tables have grown for some hours when the
 * measured operations begin.
 */
export async function aminoScene (options: SimulationOptions, { beginsAtMs, signal, onProgress }: SceneHooks): Promise<Scene> {
  const { nodes, seed, k, warmupHours } = options
  const conditions = conditionsOf(options)
  const startMs = Math.min(0, beginsAtMs - warmupHours * HOUR_MS)
  const world = createWorld({ nodes, seed, conditions, startMs })

  return { world, tables: await createTables(world, { seed, k, nodes, conditions, startMs, profiledMs: beginsAtMs, signal, onProgress }) }
}
