import { checkConditions } from './check-conditions.ts'
import { expectedOnlineShare } from './expected-online-share.ts'
import { GeneratedPopulation } from './generated-population.ts'
import { GeneratedSessions } from './generated-sessions.ts'
import { ModelledNetwork } from './modelled-network.ts'
import type { WorldConditions } from './conditions.ts'
import type { World } from './world.ts'

export interface CreateWorldOptions {
  /** How many servers are online on average */
  nodes: number
  seed: number
  /** A set of `WORLD_CONDITIONS`, or your own */
  conditions: WorldConditions
  /** Time that nothing is asked for before, ms: below 0 where tables grow before the run begins at 0 */
  startMs: number
}

/** A world, and what only its parts made here offer */
export interface CreatedWorld extends World {
  readonly sessions: GeneratedSessions
  readonly conditions: WorldConditions
}

/**
 * A network to simulate: the same for the same options.
 *
 * For `nodes` servers online it holds `nodes / expectedOnlineShare(conditions)`
 * identities, whatever their reach.
 *
 * @throws {RangeError} Nothing is meant by the number of nodes or by a condition
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
