import { KeyIndex, headOf } from './key-index.ts'
import type { World } from '../world/world.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * The nodes that lie. Each of them names only other liars: those that are online and
 * closest to the target.
 */
export class Liars {
  readonly #world: World
  readonly #index: KeyIndex
  readonly #isLiar: Uint8Array

  constructor (world: World) {
    const { population } = world
    this.#world = world
    this.#isLiar = Uint8Array.from({ length: population.size }, (_, node) => population.habit(node) === 'lies' ? 1 : 0)
    this.#index = new KeyIndex(population, Array.from({ length: population.size }, (_, node) => node).filter(node => this.#isLiar[node] === 1))
  }

  has (node: number): boolean {
    return this.#isLiar[node] === 1
  }

  /** The peers that a liar names */
  named (liar: number, target: KadId, n: number, now: number): number[] {
    const found: number[] = []
    found.length = this.#index.closest(headOf(target), n, node => node !== liar && this.#world.sessions.isOnline(node, now), found)

    return found
  }
}
