import { describe, expect, test } from 'vitest'
import { anyCandidates, candidate } from '../../src/testing/candidates.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'

test('a candidate is neutral and 100 ms away unless said otherwise', () => {
  expect(candidate(7)).toEqual({ distance: Uint8Array.of(7), score: 0.5, expectedWaitMs: 100 })
  expect(candidate(7, 0.9, 5)).toEqual({ distance: Uint8Array.of(7), score: 0.9, expectedWaitMs: 5 })
})

describe('any lists of candidates', () => {
  const random = seededRandom(1)
  const lists = Array.from({ length: 500 }, () => anyCandidates(random))

  test('are lists as a lookup offers them: one to sixty, the closest first', () => {
    for (const list of lists) {
      expect(list.length).toBeGreaterThanOrEqual(1)
      expect(list.length).toBeLessThanOrEqual(60)
      expect(list.map(({ distance }) => distance)).toEqual(list.map(({ distance }) => distance).sort(Buffer.compare))
      expect(list.every(({ score, expectedWaitMs }) => score >= 0 && score <= 1 && expectedWaitMs >= 1)).toBe(true)
    }
  })

  test('have single ones, long ones and ties among them', () => {
    expect(lists.some(({ length }) => length === 1)).toBe(true)
    expect(lists.some(({ length }) => length === 60)).toBe(true)
    expect(lists.some(list => new Set(list.map(({ distance }) => String(distance))).size < list.length)).toBe(true)
    expect(lists.some(list => new Set(list.map(({ score }) => score)).size < list.length)).toBe(true)
  })
})
