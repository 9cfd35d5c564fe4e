import { describe, expect, test } from 'vitest'
import { fewestLookups } from '../../src/publish/fewest-lookups.ts'
import { entryOf } from '../routing-table/memory-buckets.ts'
import { regionOf } from './region-of.ts'

/** Peers 0b0000_0000 and so on */
const peers = [0b00000000, 0b00000001, 0b00000010, 0b01000000, 0b11000000].map(byte => entryOf(byte))

describe('the fewest lookups that a region needs', () => {
  test('is one where fewer than k peers are known', () => {
    expect(fewestLookups(regionOf(''), peers, 6, 64)).toBe(1)
    expect(fewestLookups(regionOf('1'), peers, 2, 64)).toBe(1)
    expect(fewestLookups(regionOf(''), [], 1, 64)).toBe(1)
  })

  test('is the number of largest parts with fewer than k peers', () => {
    // 0 and 1
    expect(fewestLookups(regionOf(''), peers, 5, 64)).toBe(2)
    // 1, 01, 001, 0001, 00001, 000001, and in 000000: 0000000, 0000001
    expect(fewestLookups(regionOf(''), peers, 3, 64)).toBe(8)
    expect(fewestLookups(regionOf('0'), peers, 3, 64)).toBe(7)
  })

  test('is one for a single kad id', () => {
    expect(fewestLookups(regionOf('00000001'), peers, 1, 64)).toBe(1)
  })

  test('is given up above the most that count', () => {
    expect(fewestLookups(regionOf(''), peers, 3, 4)).toBeGreaterThan(4)
    expect(fewestLookups(regionOf(''), peers, 3, 7)).toBeGreaterThan(7)
    expect(fewestLookups(regionOf(''), peers, 3, 8)).toBe(8)
  })
})
