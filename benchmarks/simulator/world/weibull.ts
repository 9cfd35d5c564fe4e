import { gammaVariate } from './gamma-variate.ts'

/**
 * A draw from the Weibull distribution, in units of its scale. The formula is not taken
 * from a library. A library takes the quantile of 1 - uniform, which rounds differently,
 * and then every simulated world would change.
 *
 * @param uniform - In (0, 1)
 */
export function weibull (shape: number, uniform: number): number {
  return (-Math.log(uniform)) ** (1 / shape)
}

/**
 * The length of that interval in which a random moment falls, in units of the scale. The
 * intervals are Weibull distributed. A long interval covers more moments, so its density
 * is multiplied by its length. x^shape is then gamma distributed with shape 1 + 1/shape.
 * The moment is uniformly distributed within the interval (Cox, "Renewal Theory", 1962,
 * section 5.4).
 *
 * @param draw - Gives uniform numbers in (0, 1)
 */
export function lengthBiasedWeibull (shape: number, draw: () => number): number {
  return gammaVariate(1 + 1 / shape, draw) ** (1 / shape)
}
