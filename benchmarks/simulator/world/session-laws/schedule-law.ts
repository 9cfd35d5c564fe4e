import type { Random } from '../../../random/random.ts'
import type { HashedRandom } from '../hashed-random.ts'
import type { SessionLaw } from './session-law.ts'

/** A schedule's "about" means uniformly distributed within this share of the time */
const SPREAD = 0.2

/**
 * The nodes that go online and offline every so many hours (`--churn`), whatever law the
 * others follow
 */
export class ScheduleLaw implements SessionLaw {
  readonly followsRhythm = false

  readonly #everyMs: number
  readonly #lengths: HashedRandom

  constructor (everyMs: number, lengths: HashedRandom) {
    this.#everyMs = everyMs
    this.#lengths = lengths
  }

  pace (): number {
    return 1
  }

  onlineShare (): number {
    return 0.5
  }

  lengthMs (node: number, count: number): number {
    return (1 + SPREAD * (2 * this.#lengths.uniform(node, count) - 1)) * this.#everyMs
  }

  presentMs (_: boolean, __: number, draw: Random): number {
    const [shortest, longest] = [1 - SPREAD, 1 + SPREAD]

    // inverts the distribution with density times length
    return Math.sqrt(shortest ** 2 + draw() * (longest ** 2 - shortest ** 2)) * this.#everyMs
  }
}
