import { checkConditions } from './check-conditions.ts'
import { expectedOnlineShare } from './expected-online-share.ts'
import { GeneratedPopulation } from './generated-population.ts'
import { GeneratedSessions } from './generated-sessions.ts'
import { ModelledNetwork } from './modelled-network.ts'
import type { WorldConditions } from './conditions.ts'
import type { World } from './world.ts'

export interface CreateWorldOptions {
  /** Number of servers that are online on average */
  nodes: number
  seed: number
  /** A set of `WORLD_CONDITIONS`, or one of your own */
  conditions: WorldConditions
  /** The earliest time that anybody asks about, ms. It is below 0 when tables grow before the run begins at 0. */
  startMs: number
}

/** A world, with those features that only its generated parts have */
export interface CreatedWorld extends World {
  readonly sessions: GeneratedSessions
  readonly conditions: WorldConditions
}

/**
 * Make a network to simulate. The same options give the same network.
 *
 * To have `nodes` servers online, it contains `nodes / expectedOnlineShare(conditions)`
 * identities, whether or not they can be dialled.
 *
 * @throws {RangeError} The number of nodes or a condition is out of its range
 */
export function createWorld ({ nodes, seed, conditions, startMs }: CreateWorldOptions): CreatedWorld {
  if (!Number.isSafeInteger(nodes) || nodes < 1) {
    throw new RangeError(`nodes is ${nodes}, which is no number of servers`)
  }

  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`seed is ${seed}, which is no safe integer`)
  }

  checkConditions(conditions)

  const size = Math.round(nodes / expectedOnlineShare(conditions))
  const population = new GeneratedPopulation({ size, seed, conditions })
  const sessions = new GeneratedSessions({ population, seed, conditions, startMs })
  const network = new ModelledNetwork({ population, sessions, seed, conditions })

  return { population, sessions, network, conditions }
}
