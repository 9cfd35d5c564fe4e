import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dropOldest } from '../../src/routing-table/drop-oldest.ts'

describe('the oldest entries of a full map', () => {
  test('leave, and those that have to stay do not', () => {
    const entries = new Map([1, 2, 3, 4, 5].map(key => [key, `value ${key}`]))

    dropOldest(entries, 3, key => key === 1 || key === 3)
    expect([...entries]).toEqual([[5, 'value 5'], [1, 'value 1'], [3, 'value 3']])
  })

  test('stay while there is room', () => {
    const entries = new Map([[1, 1], [2, 2]])

    dropOldest(entries, 2, () => false)
    expect([...entries.keys()]).toEqual([1, 2])
  })

  test('are looked at a hundred at a time, however many have to stay', () => {
    const entries = new Map(Array.from({ length: 100_000 }, (_, key) => [key, key]))
    let looks = 0

    dropOldest(entries, 10, () => ++looks > 0)
    expect(looks).toBe(100)
    expect(entries.size).toBe(100_000)
  })

  test('are no more than one too many for each hundred that have to stay', () => {
    fc.assert(fc.property(fc.nat(2_000), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 5_000 }), (kept, strangers, added) => {
      const entries = new Map(Array.from({ length: kept }, (_, key) => [key, key]))
      const max = kept + strangers

      for (let key = kept; key < kept + added; key++) {
        entries.set(key, key)
        dropOldest(entries, max, other => other < kept)
        expect(entries.size).toBeLessThanOrEqual(max + kept / 99 + 1)
      }

      expect(Array.from({ length: kept }, (_, key) => entries.has(key))).not.toContain(false)
      expect(entries.has(kept + added - 1)).toBe(true)
    }), { numRuns: 20 })
  })
})
