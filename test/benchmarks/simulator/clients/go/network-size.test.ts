import { describe, expect, test } from 'vitest'
import { NetworkSize, normedDistance } from '../../../../../benchmarks/simulator/clients/go/network-size.ts'
import { seededRandom } from '../../../../../benchmarks/random/seeded-random.ts'
import { SmallNetwork } from '../small-network.ts'

describe('NetworkSize', () => {
  test('estimates the size from how far the closest peers are', () => {
    const network = new SmallNetwork({ size: 256, k: 20 })
    const random = seededRandom(1, 'targets')
    const size = new NetworkSize(network.components.world.population, 20)

    for (let i = 0; i < 200; i++) {
      expect(size.estimate(0) !== undefined).toBe(i >= 5)

      const target = Uint8Array.from({ length: 4 }, () => Math.floor(random() * 256))
      size.track(target, network.closest(target, 20), 0)
    }

    expect(size.estimate(0)).toBeGreaterThan(230)
    expect(size.estimate(0)).toBeLessThan(290)
  })

  test('forgets what is older than two hours, and leaves out lookups that found too few', () => {
    const network = new SmallNetwork({ k: 20 })
    const size = new NetworkSize(network.components.world.population, 20)
    const target = Uint8Array.of(0, 0, 0, 0)

    for (let i = 0; i < 5; i++) {
      size.track(target, network.closest(target, 19), 0)
    }

    expect(size.estimate(0)).toBeUndefined()

    for (let i = 0; i < 5; i++) {
      size.track(target, network.closest(target, 20), 0)
    }

    expect(size.estimate(7_000_000)).toBeDefined()
    expect(size.estimate(7_200_000)).toBeUndefined()
  })
})

describe('normedDistance', () => {
  test('is the share of the largest distance', () => {
    expect(normedDistance(Uint8Array.of(0, 0, 0), Uint8Array.of(128, 0, 0))).toBe(0.5)
    expect(normedDistance(Uint8Array.of(1, 0, 0), Uint8Array.of(0, 128, 0))).toBe(1.5 / 256)
    expect(normedDistance(Uint8Array.of(7, 7, 7), Uint8Array.of(7, 7, 7))).toBe(0)
  })
})
