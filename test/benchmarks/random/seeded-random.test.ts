import { expect, test } from 'vitest'
import { seededRandom } from '../../../benchmarks/random/seeded-random.ts'

function numbersOf (n: number, ...args: Parameters<typeof seededRandom>): number[] {
  return Array.from({ length: n }, seededRandom(...args))
}

test('gives the same numbers for the same seed and label, today as ever: others would change what every seed stands for', () => {
  expect(numbersOf(3, 1, 'peer', 7)).toEqual([0.5689606247251053, 0.03492073093980852, 0.8554463125393278])
  expect(numbersOf(100, 1, 'peer', 7)).toEqual(numbersOf(100, 1, 'peer', 7))
})

test('gives other numbers for any other seed or label', () => {
  const sources: Array<Parameters<typeof seededRandom>> = [[1], [2], [1, 'peer'], [1, 'peer', 7], [1, 'peer', '7'], [1, 'peer7'], [1, 7, 'peer'], [17, 'peer'], [-1, 'peer'], [1.5, 'peer']]

  expect(new Set(sources.map(source => numbersOf(1, ...source)[0])).size).toBe(sources.length)
})

test('is uniform in [0, 1), along a source and over the first numbers of many', () => {
  for (const numbers of [numbersOf(10_000, 1, 'one source'), Array.from({ length: 10_000 }, (_, index) => numbersOf(1, 1, 'source', index)[0])]) {
    const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter(number => Math.floor(number * 10) === tenth).length)

    expect(tenths.reduce((sum, count) => sum + count, 0)).toBe(numbers.length)
    // five standard deviations of 30
    expect(Math.min(...tenths)).toBeGreaterThan(850)
    expect(Math.max(...tenths)).toBeLessThan(1_150)
  }
})
