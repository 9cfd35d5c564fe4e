import type { World } from '../world/world.ts'

const MINUTE_MS = 60_000

/** Limits of how long a node has been online or gone, ms. The time decides how likely a table has the node already, or still has it. */
const ONLINE_FOR_MS = [60 * MINUTE_MS, 480 * MINUTE_MS]
const GONE_FOR_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS, 180 * MINUTE_MS]

/** Number of classes of nodes that can be dialled. Nodes that cannot be dialled have as many. */
const STATES = ONLINE_FOR_MS.length + 1 + GONE_FOR_MS.length + 1

/** How many classes there are */
export const PRESENCE_CLASSES = 2 * STATES

/**
 * Sorts nodes by what a routing table could have noticed of them: whether they can be
 * dialled, whether they are online, and since when. Classes are numbers from 0 to
 * `PRESENCE_CLASSES` - 1.
 */
export class PresenceClass {
  readonly #world: World
  readonly #firstClass: Uint8Array

  constructor (world: World) {
    const { population } = world
    this.#world = world
    this.#firstClass = Uint8Array.from({ length: population.size }, (_, node) => population.reach(node) === 'unreachable' ? STATES : 0)
  }

  /** Whether the nodes of a class do not answer a dial */
  static isDead (presenceClass: number): boolean {
    return presenceClass > ONLINE_FOR_MS.length
  }

  /** The class of a node at a time, ms */
  of (node: number, now: number): number {
    const { sessions } = this.#world
    const isOnline = sessions.isOnline(node, now)
    const bounds = isOnline ? ONLINE_FOR_MS : GONE_FOR_MS
    const durationMs = now - sessions.since(node, now)
    let place = 0

    while (place < bounds.length && durationMs >= bounds[place]) {
      place++
    }

    return this.#firstClass[node] + (isOnline ? 0 : ONLINE_FOR_MS.length + 1) + place
  }
}
