import type { World } from '../../world/world.ts'

/**
 * What a crawl of the whole network found
 */
export interface Crawl {
  atMs: number
  /** One bit for each node: whether it was found */
  found: Uint8Array
  /** Number of nodes that were found */
  count: number
}

const crawls = new WeakMap<World, Crawl>()

/**
 * Crawl a network. The crawl finds each node that is online, can be dialled without a
 * relay, and is fast enough for the crawler's time limit. Clients that crawl at the same
 * time share one result.
 */
export function crawlOf (world: World, now: number): Crawl {
  const before = crawls.get(world)

  if (before?.atMs === now) {
    return before
  }

  const { population, sessions } = world
  const found = new Uint8Array(Math.ceil(population.size / 8))
  let count = 0

  for (let node = 0; node < population.size; node++) {
    if (population.reach(node) === 'public' && population.habit(node) !== 'slow' && sessions.isOnline(node, now)) {
      found[node >> 3] |= 1 << (node & 7)
      count++
    }
  }

  const crawl = { atMs: now, found, count }

  crawls.set(world, crawl)

  return crawl
}
