import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { ExactTables } from './exact-tables.ts'
import { KeyIndex } from './key-index.ts'
import { SampledTables } from './sampled-tables.ts'
import { TableProfile } from './table-profile.ts'
import { createWorld } from '../world/create-world.ts'
import type { ChangingTables } from './changing-tables.ts'
import type { WorldConditions } from '../world/conditions.ts'
import type { World } from '../world/world.ts'

/** Up to so many servers every table is held */
const EXACT_UP_TO = 50_000

/** Servers of the network that a profile is taken from */
const PROFILE_NODES = 10_000

/** When a profile is taken, before `profiledMs` */
const PROFILED_BEFORE_MS = [1_800_000, 900_000, 0]

/** Simulated time from one report of progress to the next, ms: some 0.1 s of work at 50,000 nodes */
const STEP_MS = 20_000

export interface CreateTablesOptions {
  seed: number
  /** Kademlia's k */
  k: number
  /** Servers of the world that are online on average */
  nodes: number
  /** What the world is like: a smaller one of the same kind is made where a profile is needed */
  conditions: WorldConditions
  /** When the tables begin to grow, ms: at or below 0 */
  startMs: number
  /**
   * When they have to be ready, ms
   *
   * @default 0
   */
  untilMs?: number
  /**
   * When those of the smaller network are like those that are to be drawn, ms
   *
   * @default untilMs
   */
  profiledMs?: number
  /**
   * Up to so many servers every table is held entry by entry
   *
   * @default 50000
   */
  exactUpTo?: number
  /**
   * How long the connection of a peer that dialled stands before it is trimmed, ms
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
  /** Told often how far the warm-up is, in units of its own */
  onProgress?: (done: number, total: number) => void | Promise<void>
  signal?: AbortSignal
}

/**
 * The routing tables of a world, grown from `startMs` to `untilMs`: held, or, of a
 * large network, drawn as those of a smaller one turned out.
 *
 * @throws {Error} The signal was aborted: its reason
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
