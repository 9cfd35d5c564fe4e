import { gammaVariate } from './gamma-variate.ts'

/** A node that came and went every few seconds would cost more to follow than all others */
const MIN_PACE = 1e-3

/**
 * How the sessions of one node resemble each other while those of all nodes together
 * keep their Weibull distribution: a node's sessions are Weibull with a higher shape,
 * times a pace of its own. With positive stable paces of index alpha the mixture is
 * Weibull again, its shape alpha times that of one node's, and Kendall's rank correlation
 * of two sessions of a node is 1 - alpha (Hougaard, "A class of multivariate failure time
 * distributions", Biometrika 73, 1986).
 */
export class SessionPace {
  /** Shape of the Weibull distribution of one node's sessions, and absences, for its pace */
  readonly shape: number

  readonly #alpha: number
  /** The exponent of the tilt, below */
  readonly #tilt: number

  /**
   * @param shape - Of the Weibull distribution of all nodes' sessions
   * @param correlation - Kendall's tau of two sessions of one node, 0 to below 1
   */
  constructor (shape: number, correlation: number) {
    this.#alpha = 1 - correlation
    this.shape = shape / this.#alpha
    this.#tilt = (1 - this.#alpha) / shape
  }

  /**
   * The pace of a node, by which its sessions and absences are longer than the scale
   * says. A node of pace p counts for 1/p in the distribution of all sessions, as it has
   * so many more of them: the stable density is tilted by p for that.
   *
   * Kanter's representation of the stable distribution (Annals of Probability 3, 1975),
   * tilted as by Devroye ("Random variate generation for exponentially and polynomially
   * tilted stable distributions", ACM TOMACS 19, 2009).
   *
   * @param draw - Uniform numbers in (0, 1)
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
