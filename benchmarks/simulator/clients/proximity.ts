import { compareDistance } from '../../../src/keyspace/xor-distance.ts'
import { headOf } from '../tables/key-index.ts'
import type { Population } from '../world/population.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * How close nodes are to a target. The first 32 bits of a kad id are enough for nearly
 * every comparison, and reading them does not touch the kad ids themselves.
 */
export class Proximity {
  readonly #population: Population
  readonly #target: KadId
  readonly #head: number

  constructor (population: Population, target: KadId) {
    this.#population = population
    this.#target = target
    this.#head = headOf(target)
  }

  /** Below 0 when the first node is closer, above 0 when the second is */
  compare (a: number, b: number): number {
    const difference = this.#distanceHead(a) - this.#distanceHead(b)

    return difference === 0 ? compareDistance(this.#target, this.#population.kadId(a), this.#population.kadId(b)) : difference
  }

  /** The first 32 bits of a node's XOR distance */
  #distanceHead (node: number): number {
    return (this.#population.head(node) ^ this.#head) >>> 0
  }
}
