import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/testing/seeded-random.ts'

function draw (seed: number, count: number): number[] {
  const random = seededRandom(seed)

  return Array.from({ length: count }, random)
}

describe('random numbers of a seed', () => {
  test('are the same each time, and others for another seed', () => {
    expect(draw(1, 20)).toEqual(draw(1, 20))
    expect(draw(1, 20)).not.toEqual(draw(2, 20))
  })

  test('are spread evenly from 0 to below 1', () => {
    const numbers = draw(7, 10_000)
    const counts = Array.from({ length: 10 }, (_, tenth) => numbers.filter(number => Math.floor(number * 10) === tenth).length)

    expect(numbers.every(number => number >= 0 && number < 1)).toBe(true)
    expect(Math.min(...counts)).toBeGreaterThan(900)
    expect(Math.max(...counts)).toBeLessThan(1_100)
  })
})
