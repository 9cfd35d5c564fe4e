import { SessionPace } from '../session-pace.ts'
import { lengthBiasedWeibull, weibull } from '../weibull.ts'
import type { Random } from '../../../random/random.ts'
import type { HashedRandom } from '../hashed-random.ts'
import type { SessionConditions, SessionLaw } from './session-law.ts'

/**
 * Sessions as they were measured: Weibull distributed with a shape below 1. So a session
 * that has lasted for long is likely to last, and a node's sessions resemble each other.
 */
export class WeibullLaw implements SessionLaw {
  readonly followsRhythm = true

  readonly #lengths: HashedRandom
  readonly #paces: SessionPace
  readonly #onlineShare: number
  readonly #sessionScaleMs: number
  readonly #absenceScaleMs: number

  constructor (conditions: SessionConditions, lengths: HashedRandom) {
    this.#lengths = lengths
    this.#paces = new SessionPace(conditions.sessionShape, conditions.sessionCorrelation)
    this.#onlineShare = conditions.churnerOnlineShare
    this.#sessionScaleMs = conditions.sessionScaleMs
    this.#absenceScaleMs = conditions.sessionScaleMs * (1 - conditions.churnerOnlineShare) / conditions.churnerOnlineShare
  }

  pace (draw: Random): number {
    return this.#paces.draw(draw)
  }

  onlineShare (): number {
    return this.#onlineShare
  }

  lengthMs (node: number, count: number, isOnline: boolean, pace: number): number {
    return weibull(this.#paces.shape, this.#lengths.uniform(node, count)) * this.#scaleMs(isOnline, pace)
  }

  presentMs (isOnline: boolean, pace: number, draw: Random): number {
    return lengthBiasedWeibull(this.#paces.shape, draw) * this.#scaleMs(isOnline, pace)
  }

  #scaleMs (isOnline: boolean, pace: number): number {
    return (isOnline ? this.#sessionScaleMs : this.#absenceScaleMs) * pace
  }
}
