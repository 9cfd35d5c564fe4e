import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import type { RoutingTables } from '../../../../benchmarks/simulator/tables/routing-tables.ts'
import type { World } from '../../../../benchmarks/simulator/world/world.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** What a walk towards a target came to */
export interface SimpleWalk {
  /** How many referrals led to the closest peer that answers */
  hops: number
  /** Peers asked */
  asked: number
  /** Of those, without an answer */
  dead: number
}

/**
 * An iterative lookup, one peer at a time: ask the closest peer that was not asked yet
 * until the k closest of those that do not fail have answered
 */
export function simpleWalk ({ world, tables, start, target, k, now }: {
  world: World
  tables: RoutingTables
  start: number
  target: KadId
  k: number
  now: number
}): SimpleWalk {
  const { population, sessions } = world
  const hops = new Map([[start, 0]])
  const failed = new Set<number>()
  const answered = new Set<number>()

  for (;;) {
    const closest = [...hops.keys()]
      .filter(peer => !failed.has(peer))
      .sort((a, b) => compareDistance(target, population.kadId(a), population.kadId(b)))
      .slice(0, k)
    const next = closest.find(peer => !answered.has(peer))

    if (next === undefined) {
      return { hops: hops.get(closest[0]) ?? 0, asked: answered.size + failed.size, dead: failed.size }
    }

    if (population.reach(next) === 'unreachable' || !sessions.isOnline(next, now)) {
      failed.add(next)
      continue
    }

    answered.add(next)

    for (const peer of tables.named(next, target, k)) {
      hops.set(peer, hops.get(peer) ?? (hops.get(next) ?? 0) + 1)
    }
  }
}
