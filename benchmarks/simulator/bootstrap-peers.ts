import { seededRandom } from '../random/seeded-random.ts'
import type { World } from './world/world.ts'

/** Number of public nodes that every client knows from the start */
const BOOTSTRAP_PEERS = 5

/**
 * The public nodes that every client knows from the start. They are online then.
 */
export function bootstrapPeers ({ population, sessions }: World, seed: number, now: number): number[] {
  const random = seededRandom(seed, 'bootstrap')
  const peers = new Set<number>()

  while (peers.size < BOOTSTRAP_PEERS) {
    const node = Math.floor(random() * population.size)

    if (population.reach(node) === 'public' && population.habit(node) === 'none' && sessions.isOnline(node, now)) {
      peers.add(node)
    }
  }

  return [...peers]
}
