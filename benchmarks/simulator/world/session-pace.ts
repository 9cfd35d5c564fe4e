import { gammaVariate } from './gamma-variate.ts'

/** The lowest pace. A node that came and went every few seconds would cost more to simulate than all others together. */
const MIN_PACE = 1e-3

/**
 * Makes the sessions of one node resemble each other, while the sessions of all nodes
 * together keep their Weibull distribution. Each node has a pace of its own. Its sessions
 * are Weibull distributed with a higher shape, and are multiplied by the pace. When paces
 * have a positive stable distribution of index alpha, the mixture is a Weibull
 * distribution again. Its shape is alpha times the shape for one node, and Kendall's rank
 * correlation of two sessions of a node is 1 - alpha (Hougaard, "A class of multivariate
 * failure time distributions", Biometrika 73, 1986).
 */
export class SessionPace {
  /** Shape of the Weibull distribution of one node's sessions and absences, for a given pace */
  readonly shape: number

  readonly #alpha: number
  /** The exponent of the tilt that `draw` applies */
  readonly #tilt: number

  /**
   * @param shape - Shape of the Weibull distribution of all nodes' sessions
   * @param correlation - Kendall's tau of two sessions of one node, from 0 to below 1
   */
  constructor (shape: number, correlation: number) {
    this.#alpha = 1 - correlation
    this.shape = shape / this.#alpha
    this.#tilt = (1 - this.#alpha) / shape
  }

  /**
   * The pace of a node, by which its sessions and absences are multiplied. A node of pace
   * p has 1/p times as many sessions, so it has that weight in the distribution of all
   * sessions. To make up for this, the stable density is multiplied by p (tilted).
   *
   * Kanter's representation of the stable distribution (Annals of Probability 3, 1975),
   * tilted as by Devroye ("Random variate generation for exponentially and polynomially
   * tilted stable distributions", ACM TOMACS 19, 2009).
   *
   * @param draw - Gives uniform numbers in (0, 1)
   */
  draw (draw: () => number): number {
    if (this.#alpha === 1) {
      return 1
    }

    const lowest = this.#alpha ** (this.#alpha / (1 - this.#alpha)) * (1 - this.#alpha)
    let angular: number

    do {
      angular = this.#angular(Math.PI * draw())
    } while (draw() > (lowest / angular) ** this.#tilt)

    return Math.max((gammaVariate(1 + this.#tilt, draw) / angular) ** this.#tilt, MIN_PACE)
  }

  #angular (u: number): number {
    const alpha = this.#alpha

    return (Math.sin(alpha * u) / Math.sin(u)) ** (1 / (1 - alpha)) * Math.sin((1 - alpha) * u) / Math.sin(alpha * u)
  }
}
