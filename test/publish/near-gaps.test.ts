import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearGaps } from '../../src/publish/near-gaps.ts'
import { closest, peersAt } from './explored-network.ts'
import { regionOf } from './region-of.ts'

const ALL = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))

describe('what is near a gap', () => {
  // three peers in 00, three in 10, one in 110
  const peers = peersAt([0b00000000, 0b00000001, 0b00100000, 0b10000000, 0b10010000, 0b10100000, 0b11000000].map(byte => Uint8Array.of(byte)))

  test.each([
    ['', [], []],
    // 110 and 01 have fewer than three, 10 has three
    ['', ['111'], ['110']],
    ['', ['01'], []],
    ['', ['110', '01'], ['111']],
    ['1', ['111'], ['110']],
    ['111', ['111'], []],
    // the other halves are 1011, 100 and 11 in turn
    ['1', ['1010'], ['100', '1011', '11']]
  ])('in %j with the gaps %j is %j', (region, gaps, near) => {
    expect(nearGaps(regionOf(region), gaps.map(gap => regionOf(gap)), peers, 3).map(String).toSorted()).toEqual(near.toSorted())
  })

  test('is all of it where a peer that nobody has found may be among the k closest, and nothing else', () => {
    const bytes = fc.uniqueArray(fc.nat(255), { maxLength: 40 })
    const regions = fc.array(fc.stringMatching(/^[01]{1,6}$/), { minLength: 1, maxLength: 3 })

    fc.assert(fc.property(bytes, regions, fc.integer({ min: 1, max: 6 }), (bytes, prefixes, k) => {
      const gaps = prefixes.map(prefix => regionOf(prefix))
      const isGap = (kadId: Uint8Array): boolean => gaps.some(gap => gap.contains(kadId))
      const peers = peersAt(bytes.map(byte => Uint8Array.of(byte)).filter(kadId => !isGap(kadId)))
      const near = nearGaps(regionOf(''), gaps, peers, k)
      // peers everywhere in the gaps
      const truth = [...peers, ...ALL.filter(isGap).map(kadId => ({ peer: -1, kadId }))]

      for (const kadId of ALL.filter(kadId => !isGap(kadId))) {
        const isNear = near.some(region => region.contains(kadId))
        expect(isNear || closest(truth, kadId, k).every(({ peer }) => peer !== -1)).toBe(true)
      }

      expect(near.some(region => gaps.some(gap => gap.touches(region)))).toBe(false)
      near.forEach(region => { expect(peers.filter(({ kadId }) => region.contains(kadId)).length).toBeLessThan(k) })
    }))
  })
})
