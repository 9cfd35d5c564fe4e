/**
 * Draws among several with given weights
 */
export class WeightedChoice {
  readonly #cumulative: Float64Array

  /** @param weights - At least 0, in total above 0; their sum does not matter */
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

    // a sum of shares may end a rounding error below 1
    while (index < this.#cumulative.length - 1 && uniform >= this.#cumulative[index]) {
      index++
    }

    return index
  }
}
