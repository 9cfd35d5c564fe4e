import type { World } from '../world/world.ts'

/**
 * Whether a node would answer now: it is online, and can be dialled
 */
export function isReachable ({ population, sessions }: World, node: number, now: number): boolean {
  return population.reach(node) !== 'unreachable' && sessions.isOnline(node, now)
}
