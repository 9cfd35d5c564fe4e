import type { World } from '../world/world.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** The k closest peers to a key that were online and could be dialled during the whole time, of those who count */
export function closestAlive (world: World, key: KadId, k: number, fromMs: number, now: number, counts = (_: number): boolean => true): number[] {
  const { population, sessions } = world

  return population.closest(key, k, node =>
    population.reach(node) !== 'unreachable' &&
    sessions.isOnline(node, now) &&
    sessions.since(node, now) <= fromMs &&
    counts(node))
}
