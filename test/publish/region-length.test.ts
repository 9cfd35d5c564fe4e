import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { regionLength } from '../../src/publish/region-length.ts'

describe('the length of a region', () => {
  test.each([
    [0, 0],
    [5, 0],
    [79, 0],
    [80, 1],
    [1000, 4],
    [10_000, 7],
    [1_000_000, 14],
    [1e12, 24],
    [Infinity, 24],
    [NaN, 0]
  ])('in a network of %d servers is %i bits', (servers, length) => {
    expect(regionLength(servers, 20)).toBe(length)
  })

  test('leaves 2 k to 4 k servers in each', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 4, max: 1e6, noNaN: true }), (k, perK) => {
      const servers = perK * k
      const held = servers / 2 ** regionLength(servers, k)

      expect(held).toBeGreaterThanOrEqual(2 * k)
      expect(held).toBeLessThan(4 * k)
    }))
  })
})
