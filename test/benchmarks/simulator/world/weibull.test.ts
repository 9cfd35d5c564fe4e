import { describe, expect, test } from 'vitest'
import { gammaVariate } from '../../../../benchmarks/simulator/world/gamma-variate.ts'
import { HashedRandom } from '../../../../benchmarks/simulator/world/hashed-random.ts'
import { lengthBiasedWeibull, weibull } from '../../../../benchmarks/simulator/world/weibull.ts'

const COUNT = 100_000
const random = new HashedRandom(1, 'weibull test')

function sample (draw: (uniform: () => number) => number): number[] {
  return Array.from({ length: COUNT }, (_, i) => draw(random.sequence(i)))
}

function meanOf (numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

describe('weibull', () => {
  test.each([0.38, 1, 2])('exceeds each length as often as the distribution of shape %d', shape => {
    const lengths = sample(draw => weibull(shape, draw()))

    for (const length of [0.1, 0.5, 1, 3]) {
      expect(lengths.filter(other => other > length).length / COUNT).to.be.closeTo(Math.exp(-(length ** shape)), 0.007)
    }
  })
})

describe('lengthBiasedWeibull', () => {
  test('has the mean square over the mean of all lengths as its mean', () => {
    // gamma(1 + 2/shape) / gamma(1 + 1/shape)
    expect(meanOf(sample(draw => lengthBiasedWeibull(1, draw)))).to.be.closeTo(2, 0.03)
    expect(meanOf(sample(draw => lengthBiasedWeibull(2, draw)))).to.be.closeTo(2 / Math.sqrt(Math.PI), 0.01)
    expect(meanOf(sample(draw => lengthBiasedWeibull(0.5, draw)))).to.be.closeTo(12, 0.5)
  })
})

describe('gammaVariate', () => {
  test.each([1, 2.5, 8])('has shape %d as its mean and its variance', shape => {
    const draws = sample(draw => gammaVariate(shape, draw))

    expect(meanOf(draws) / shape).to.be.closeTo(1, 0.02)
    expect(meanOf(draws.map(draw => (draw - shape) ** 2)) / shape).to.be.closeTo(1, 0.05)
  })
})
