import { meanSessionMs } from './mean-session-ms.ts'
import type { Random } from '../../../random/random.ts'
import type { HashedRandom } from '../hashed-random.ts'
import type { SessionConditions, SessionLaw } from './session-law.ts'

/**
 * Memoryless sessions. All nodes are alike, so neither how long a session has lasted nor
 * how long earlier ones were says anything about when it ends.
 */
export class ExponentialLaw implements SessionLaw {
  readonly followsRhythm = true

  readonly #lengths: HashedRandom
  readonly #onlineShare: number
  readonly #sessionMs: number
  readonly #absenceMs: number

  constructor (conditions: SessionConditions, lengths: HashedRandom) {
    this.#lengths = lengths
    this.#onlineShare = conditions.churnerOnlineShare
    this.#sessionMs = meanSessionMs(conditions)
    this.#absenceMs = this.#sessionMs * (1 - this.#onlineShare) / this.#onlineShare
  }

  pace (): number {
    return 1
  }

  onlineShare (): number {
    return this.#onlineShare
  }

  lengthMs (node: number, count: number, isOnline: boolean): number {
    return -Math.log(this.#lengths.uniform(node, count)) * this.#meanMs(isOnline)
  }

  presentMs (isOnline: boolean, _: number, draw: Random): number {
    // what has passed and what is left are both as long as a whole session, on average
    return -Math.log(draw() * draw()) * this.#meanMs(isOnline)
  }

  #meanMs (isOnline: boolean): number {
    return isOnline ? this.#sessionMs : this.#absenceMs
  }
}
