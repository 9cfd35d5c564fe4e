import { expect, test } from 'vitest'
import { gini } from '../../../../benchmarks/simulator/measures/gini.ts'

test('is 0 when all have the same', () => {
  expect(gini([3, 3, 3, 3])).toBeCloseTo(0, 10)
})

test('is near 1 when one of many has all', () => {
  expect(gini([7], 100)).toBeCloseTo(0.99, 10)
})

test('is half the mean difference over the mean', () => {
  const counts = [1, 5, 2, 9, 0]
  const mean = counts.reduce((sum, count) => sum + count) / counts.length
  const differences = counts.flatMap(a => counts.map(b => Math.abs(a - b)))
  const meanDifference = differences.reduce((sum, difference) => sum + difference) / differences.length

  expect(gini(counts)).toBeCloseTo(meanDifference / 2 / mean, 10)
})

test('counts those who are only told of as having nothing', () => {
  expect(gini([4, 2], 5)).toBeCloseTo(gini([4, 2, 0, 0, 0]), 10)
})

test('is 0 when there is nothing', () => {
  expect(gini([], 10)).toBe(0)
})
