import { expect, test } from 'vitest'
import { seededRandom } from '../../../benchmarks/random/seeded-random.ts'
import { shuffle } from '../../../benchmarks/random/shuffle.ts'

test.each([[[]], [[1]], [[1, 2]], [[3, 1, 2, 2, 5]]])('keeps the members of %j, and those in their place', items => {
  const before = [...items]

  expect(shuffle(items, seededRandom(1, 'shuffle')).sort()).toEqual(before.toSorted())
  expect(items).toEqual(before)
})

test('gives the same order for the same numbers', () => {
  const items = Array.from({ length: 50 }, (_, index) => index)

  expect(shuffle(items, seededRandom(1, 'shuffle'))).toEqual(shuffle(items, seededRandom(1, 'shuffle')))
  expect(shuffle(items, seededRandom(1, 'shuffle'))).not.toEqual(shuffle(items, seededRandom(2, 'shuffle')))
})

test('gives each order equally often', () => {
  const random = seededRandom(1, 'shuffle')
  const counts = Map.groupBy(Array.from({ length: 24_000 }, () => shuffle(['a', 'b', 'c', 'd'], random).join('')), order => order)
  const times = Array.from(counts.values(), orders => orders.length)

  expect(times).toHaveLength(24)
  // five standard deviations of 31
  expect(Math.min(...times)).toBeGreaterThan(845)
  expect(Math.max(...times)).toBeLessThan(1_155)
})
