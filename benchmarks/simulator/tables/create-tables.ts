import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { ExactTables } from './exact-tables.ts'
import { KeyIndex } from './key-index.ts'
import { SampledTables } from './sampled-tables.ts'
import { TableProfile } from './table-profile.ts'
import { createWorld } from '../world/create-world.ts'
import type { ChangingTables } from './changing-tables.ts'
import type { WorldConditions } from '../world/conditions.ts'
import type { World } from '../world/world.ts'

/** Up to this many servers, every table is stored entry by entry */
const EXACT_UP_TO = 50_000

/** Number of servers in the smaller network that a profile is taken from */
const PROFILE_NODES = 10_000

/** A profile is taken at these times before `profiledMs`, ms */
const PROFILED_BEFORE_MS = [1_800_000, 900_000, 0]

/** Simulated time between two reports of progress, ms. It is about 0.1 s of work at 50,000 nodes. */
const STEP_MS = 20_000

export interface CreateTablesOptions {
  seed: number
  /** Kademlia's k */
  k: number
  /** Number of servers of the world that are online on average */
  nodes: number
  /** Conditions of the world. Where a profile is needed, a smaller world is made with the same conditions. */
  conditions: WorldConditions
  /** Time at which the tables begin to grow, ms, 0 or less */
  startMs: number
  /**
   * Time at which the tables have to be ready, ms
   *
   * @default 0
   */
  untilMs?: number
  /**
   * Time at which the profile is taken from the tables of the smaller network, ms
   *
   * @default untilMs
   */
  profiledMs?: number
  /**
   * Up to this many servers, every table is stored entry by entry
   *
   * @default 50000
   */
  exactUpTo?: number
  /**
   * How long an incoming connection stays open before the node closes it, ms
   *
   * @default 180000
   */
  heldMs?: number
  /**
   * Makes the smaller world
   *
   * @default createWorld
   */
  smallerWorld?: (nodes: number) => World
  /** Called often with the progress of the warm-up. The unit of the numbers is arbitrary. */
  onProgress?: (done: number, total: number) => void | Promise<void>
  signal?: AbortSignal
}

/**
 * The routing tables of a world, grown from `startMs` to `untilMs`. In a small network,
 * every table is stored. In a large one, tables are drawn at random, with a profile taken
 * from a smaller network.
 *
 * @throws {Error} The signal was aborted. The error is its reason.
 */
export async function createTables (world: World, { seed, k, nodes, conditions, startMs, untilMs = 0, profiledMs = untilMs, exactUpTo = EXACT_UP_TO, heldMs, smallerWorld, onProgress, signal }: CreateTablesOptions): Promise<ChangingTables> {
  const isExact = nodes <= exactUpTo
  const smaller = Math.min(PROFILE_NODES, exactUpTo)
  const grown = isExact ? world : smallerWorld?.(smaller) ?? createWorld({ nodes: smaller, seed, conditions, startMs })
  const tables = new ExactTables(grown, { seed, k, startMs, heldMs })

  const growthMs = (isExact ? untilMs : profiledMs) - startMs
  const moveTo = async (time: number): Promise<void> => {
    while (tables.now < time) {
      tables.advance(Math.min(time, tables.now + STEP_MS))
      await onProgress?.(tables.now - startMs, growthMs)
      await yieldToEvents()
      signal?.throwIfAborted()
    }
  }

  if (isExact) {
    await moveTo(untilMs)

    return tables
  }

  const times = PROFILED_BEFORE_MS.map(beforeMs => Math.max(startMs, profiledMs - beforeMs))
  const profile = await TableProfile.of(tables, { world: grown, index: new KeyIndex(grown.population), times, moveTo })

  const sampled = new SampledTables(world, { seed, k, profile })
  sampled.advance(untilMs)

  return sampled
}
