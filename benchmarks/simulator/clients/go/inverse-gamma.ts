/**
 * The x at which the regularised lower incomplete gamma function P(shape, x) has a value:
 * so many points are to be expected where at least `shape` are found with that
 * probability. By bisection on its sum for whole shapes.
 *
 * @param shape - Above 0; P of a shape in between lies between its neighbours', and is taken of the next whole one
 * @param probability - Above 0, below 1
 */
export function inverseGamma (shape: number, probability: number): number {
  let low = 0
  let high = 1

  while (lowerGamma(Math.ceil(shape), high) < probability) {
    high *= 2
  }

  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2

    if (lowerGamma(Math.ceil(shape), middle) < probability) {
      low = middle
    } else {
      high = middle
    }
  }

  return high
}

/** 1 minus the probability of fewer than `shape` points where x are expected */
function lowerGamma (shape: number, x: number): number {
  let term = Math.exp(-x)
  let sum = term

  for (let i = 1; i < shape; i++) {
    term *= x / i
    sum += term
  }

  return 1 - sum
}
