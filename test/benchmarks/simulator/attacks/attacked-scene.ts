import { ExactTables } from '../../../../benchmarks/simulator/tables/exact-tables.ts'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import { createWorld } from '../../../../benchmarks/simulator/world/create-world.ts'
import type { Scene } from '../../../../benchmarks/simulator/scenes/scene.ts'
import type { Endpoint } from '../../../../benchmarks/simulator/world/network.ts'

const START_MS = -600_000

/** Where a client is */
export const endpoint: Endpoint = { region: 9, lastMileMs: 5 }

/**
 * A small network like the Amino DHT, for an attack
 */
export function attackedScene (nodes: number): Scene {
  const world = createWorld({ nodes, seed: 1, conditions: WORLD_CONDITIONS['amino-2022'], startMs: START_MS })
  const tables = new ExactTables(world, { seed: 1, k: 20, startMs: START_MS })

  tables.advance(0)

  return { world, tables }
}
