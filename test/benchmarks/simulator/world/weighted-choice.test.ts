import { describe, expect, test } from 'vitest'
import { WeightedChoice } from '../../../../benchmarks/simulator/world/weighted-choice.ts'

describe('WeightedChoice', () => {
  test('divides (0, 1) by the weights, whatever their sum', () => {
    const choice = new WeightedChoice([1, 0, 2, 1])

    expect([0.001, 0.249, 0.25, 0.749, 0.75, 0.999].map(uniform => choice.pick(uniform))).to.deep.equal([0, 0, 2, 2, 3, 3])
  })

  test('picks the last for numbers beyond a sum that is rounded down', () => {
    const choice = new WeightedChoice(new Array<number>(10).fill(0.1))

    expect(choice.pick(1 - 2 ** -53)).to.equal(9)
  })
})
