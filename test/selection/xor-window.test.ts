import { describe, expect, test } from 'vitest'
import { xorWindow } from '../../src/selection/xor-window.ts'
import { candidate } from '../../src/testing/candidates.ts'

describe('the XOR window', () => {
  test.each([
    ['ends 3 bits behind the closest', [4, 8, 16, 32, 33, 64], [0, 1, 2, 3]],
    ['holds equals', [5, 5, 5], [0, 0, 0]],
    ['is one candidate where the others are far', [1, 9, 10], [0]],
    ['is one candidate where there is one', [200], [0]],
    ['starts at the target itself', [0, 8, 9], [0, 3]]
  ])('%s', (_, distances, bitsBehind) => {
    expect(xorWindow(distances.map(distance => candidate(distance)))).toEqual(bitsBehind)
  })

  test('holds at most 20', () => {
    expect(xorWindow(Array.from({ length: 50 }, () => candidate(9)))).toHaveLength(20)
  })
})
