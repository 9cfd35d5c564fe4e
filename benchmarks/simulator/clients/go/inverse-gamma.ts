import { bisect, gammaln } from 'simple-statistics'

/** Allowed error of the result */
const TOLERANCE = 1e-12

/** Bisection reaches the tolerance within this many steps, wherever it starts */
const MAX_HALVINGS = 100

/**
 * The x at which the regularised lower incomplete gamma function P(shape, x) has a given
 * value. In other words: when x points are expected, at least `shape` points are found
 * with that probability. The package `@stdlib/math-base-special-gammaincinv` offers the
 * same, but would add 200 packages.
 *
 * @param shape - Above 0
 * @param probability - Above 0, below 1
 */
export function inverseGamma (shape: number, probability: number): number {
  let high = shape

  while (lowerGamma(shape, high) < probability) {
    high *= 2
  }

  return bisect(x => lowerGamma(shape, x) - probability, 0, high, MAX_HALVINGS, TOLERANCE)
}

/**
 * P(shape, x) by its series.
 *
 * NIST Digital Library of Mathematical Functions, 8.7.1
 */
function lowerGamma (shape: number, x: number): number {
  let term = 1
  let sum = 1

  for (let n = 1; term > sum * Number.EPSILON; n++) {
    term *= x / (shape + n)
    sum += term
  }

  return sum * Math.exp(shape * Math.log(x) - x - gammaln(shape + 1))
}
