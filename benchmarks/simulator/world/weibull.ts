import { gammaVariate } from './gamma-variate.ts'

/**
 * A draw from the Weibull distribution, in units of its scale. The quantile of a library is that of
 * 1 - uniform, which rounds differently: every simulated world would become another.
 *
 * @param uniform - In (0, 1)
 */
export function weibull (shape: number, uniform: number): number {
  return (-Math.log(uniform)) ** (1 / shape)
}

/**
 * The length of the Weibull interval that some moment falls into, in units of the scale:
 * long ones cover more moments, so the density is that of all intervals times the
 * length. x^shape is then gamma distributed with shape 1 + 1/shape; the moment is
 * anywhere in it alike (Cox, "Renewal Theory", 1962, section 5.4).
 *
 * @param draw - Uniform numbers in (0, 1)
 */
export function lengthBiasedWeibull (shape: number, draw: () => number): number {
  return gammaVariate(1 + 1 / shape, draw) ** (1 / shape)
}
