import { describe, expect, test } from 'vitest'
import { HashedRandom } from '../../../../benchmarks/simulator/world/hashed-random.ts'

const COUNT = 100_000
const CELLS = 100

/** Chi-squared of the numbers over equal cells of (0, 1); 99 degrees of freedom */
function unevenness (numbers: number[]): number {
  const counts = new Array<number>(CELLS).fill(0)
  numbers.forEach(number => { counts[Math.floor(number * CELLS)]++ })
  const expected = numbers.length / CELLS

  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function correlation (a: number[], b: number[]): number {
  const mean = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const deviation = (numbers: number[], centre: number): number => Math.sqrt(mean(numbers.map(number => (number - centre) ** 2)))

  return mean(a.map((number, i) => (number - meanA) * (b[i] - meanB))) / deviation(a, meanA) / deviation(b, meanB)
}

describe('HashedRandom', () => {
  const random = new HashedRandom(1, 'test')
  const each = (draw: (i: number) => number): number[] => Array.from({ length: COUNT }, (_, i) => draw(i))

  test('gives the same number for the same arguments, whatever was asked in between', () => {
    const first = random.uniform(3, 4, 5)
    random.uniform(7)

    expect(new HashedRandom(1, 'test').uniform(3, 4, 5)).to.equal(first)
  })

  test('gives another number for another seed, its high bits included, another label and any other integer', () => {
    const numbers = [
      random.word(3, 4, 5),
      random.word(4, 4, 5),
      random.word(3, 5, 5),
      random.word(3, 4, 6),
      random.word(4, 3, 5),
      new HashedRandom(2, 'test').word(3, 4, 5),
      new HashedRandom(1 + 2 ** 40, 'test').word(3, 4, 5),
      new HashedRandom(-1, 'test').word(3, 4, 5),
      new HashedRandom(1, 'tset').word(3, 4, 5)
    ]

    expect(new Set(numbers).size).to.equal(numbers.length)
  })

  test('is uniform over consecutive integers in each place', () => {
    // the chance of more than 160 is below 0.0001
    expect(unevenness(each(i => random.uniform(i)))).to.be.below(160)
    expect(unevenness(each(i => random.uniform(7, i)))).to.be.below(160)
    expect(unevenness(each(i => random.uniform(7, 7, i)))).to.be.below(160)
    expect(unevenness(each(random.sequence(9)))).to.be.below(160)
  })

  test('gives numbers that have nothing to do with those of neighbours and other labels', () => {
    const other = new HashedRandom(1, 'other')
    const numbers = each(i => random.uniform(i))

    // standard deviation 0.003
    expect(Math.abs(correlation(numbers, each(i => random.uniform(i + 1))))).to.be.below(0.015)
    expect(Math.abs(correlation(numbers, each(i => random.uniform(i, 1))))).to.be.below(0.015)
    expect(Math.abs(correlation(numbers, each(i => other.uniform(i))))).to.be.below(0.015)
  })

  test('gives standard normal numbers', () => {
    const numbers = each(i => random.normal(i))
    const beyond = (limit: number): number => numbers.filter(number => number > limit).length / COUNT

    expect(beyond(-1)).to.be.closeTo(0.8413, 0.006)
    expect(beyond(0)).to.be.closeTo(0.5, 0.008)
    expect(beyond(2)).to.be.closeTo(0.0228, 0.0025)
  })
})
