/**
 * A random choice among items with weights
 */
export class WeightedChoice {
  readonly #cumulative: Float64Array

  /** @param weights - At least 0 each, above 0 in total. Their sum does not have to be 1. */
  constructor (weights: readonly number[]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    let sum = 0

    this.#cumulative = Float64Array.from(weights, weight => {
      sum += weight

      return sum / total
    })
  }

  /**
   * @param uniform - In (0, 1)
   * @returns An index into the weights
   */
  pick (uniform: number): number {
    let index = 0

    // because of rounding, the sum of the shares may be slightly below 1
    while (index < this.#cumulative.length - 1 && uniform >= this.#cumulative[index]) {
      index++
    }

    return index
  }
}
