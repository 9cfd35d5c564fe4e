import { describe, expect, test } from 'vitest'
import { REGIONS, regionRttMs, UTC_OFFSETS_HOURS } from '../../../../benchmarks/simulator/world/regions.ts'

describe('regionRttMs', () => {
  test('is known for each pair of regions, the same both ways', () => {
    for (let a = 0; a < REGIONS.length; a++) {
      for (let b = 0; b < REGIONS.length; b++) {
        expect(regionRttMs(a, b), `${REGIONS[a]} to ${REGIONS[b]}`).to.be.within(1, 450)
        expect(regionRttMs(a, b)).to.equal(regionRttMs(b, a))
      }
    }
  })

  test('is never far above what a detour through a third region takes', () => {
    for (let a = 0; a < REGIONS.length; a++) {
      for (let b = 0; b < REGIONS.length; b++) {
        for (let c = 0; c < REGIONS.length; c++) {
          expect(regionRttMs(a, b), `${REGIONS[a]} to ${REGIONS[b]}, or by ${REGIONS[c]}`).to.be.below(1.5 * (regionRttMs(a, c) + regionRttMs(c, b)) + 10)
        }
      }
    }
  })

  test('is shortest within a region', () => {
    for (let a = 0; a < REGIONS.length; a++) {
      expect(Math.min(...REGIONS.map((_, b) => regionRttMs(a, b)))).to.equal(regionRttMs(a, a))
    }
  })
})

describe('UTC_OFFSETS_HOURS', () => {
  test('has one for each region', () => {
    expect(UTC_OFFSETS_HOURS).to.have.lengthOf(REGIONS.length)
  })
})
