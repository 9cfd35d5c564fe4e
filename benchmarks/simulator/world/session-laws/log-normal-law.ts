import { probit } from 'simple-statistics'
import { weibull } from '../weibull.ts'
import { meanSessionMs } from './mean-session-ms.ts'
import type { Random } from '../../../random/random.ts'
import type { HashedRandom } from '../hashed-random.ts'
import type { SessionConditions, SessionLaw } from './session-law.ts'

/** As for the Weibull distribution, the lowest pace: a node that came and went every few seconds would cost too much */
const MIN_PACE = 1e-3

/** Of the sessions, this share is shorter than the length by which the spread is chosen */
const UPPER_SHARE = 0.8

/**
 * Log-normal sessions, whose tail is heavier than that of the measured Weibull
 * distribution: whoever has stayed for a day stays for days.
 *
 * Half of the sessions were measured to last 2 h or less, and 80% to last 8 h or less.
 * The standard deviation of the logarithm, `sigma`, is that of the log-normal
 * distribution with the same ratio of these two: 1.65 in 2022, 2.63 in 2025. As the mean
 * is that of the Weibull distribution, the median is lower than measured.
 *
 * Each node has a pace, which is log-normal too. The product of pace and session is
 * log-normal again. A node of pace p has 1/p times as many sessions, which is made up for
 * in the pace's own median.
 */
export class LogNormalLaw implements SessionLaw {
  readonly followsRhythm = true

  /** Standard deviation of the logarithm of all sessions */
  readonly sigma: number

  readonly #lengths: HashedRandom
  readonly #onlineShare: number
  readonly #sessionMedianMs: number
  /** The parts of `sigma`: among nodes, and among the sessions of one node */
  readonly #nodeSigma: number
  readonly #ownSigma: number

  constructor (conditions: SessionConditions, lengths: HashedRandom) {
    const { sessionShape, sessionCorrelation } = conditions
    // Kendall's tau of two normal variables is 2/pi * asin of their correlation
    const correlation = Math.sin(Math.PI / 2 * sessionCorrelation)
    const upper = weibull(sessionShape, 1 - UPPER_SHARE)
    const median = weibull(sessionShape, 0.5)

    this.sigma = Math.log(upper / median) / probit(UPPER_SHARE)
    this.#lengths = lengths
    this.#onlineShare = conditions.churnerOnlineShare
    this.#sessionMedianMs = meanSessionMs(conditions) * Math.exp(-(this.sigma ** 2) / 2)
    this.#nodeSigma = this.sigma * Math.sqrt(correlation)
    this.#ownSigma = this.sigma * Math.sqrt(1 - correlation)
  }

  pace (draw: Random): number {
    return Math.max(MIN_PACE, Math.exp(this.#nodeSigma ** 2 + this.#nodeSigma * normal(draw)))
  }

  onlineShare (): number {
    return this.#onlineShare
  }

  lengthMs (node: number, count: number, isOnline: boolean, pace: number): number {
    return Math.exp(this.#ownSigma * this.#lengths.normal(node, count)) * this.#medianMs(isOnline, pace)
  }

  presentMs (isOnline: boolean, pace: number, draw: Random): number {
    // a density times x that is log-normal is log-normal again, with a higher median
    return Math.exp(this.#ownSigma ** 2 + this.#ownSigma * normal(draw)) * this.#medianMs(isOnline, pace)
  }

  #medianMs (isOnline: boolean, pace: number): number {
    return this.#sessionMedianMs * pace * (isOnline ? 1 : (1 - this.#onlineShare) / this.#onlineShare)
  }
}

function normal (draw: Random): number {
  return Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw())
}
