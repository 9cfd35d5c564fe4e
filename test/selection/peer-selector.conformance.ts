import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../benchmarks/random/seeded-random.ts'
import { xorWindow } from '../../src/selection/xor-window.ts'
import { anyCandidates, candidate } from './candidates.ts'
import type { PeerSelector } from '../../src/selection/peer-selector.ts'

/**
 * What every peer selector must do.
 *
 * @param name - The selector's name
 * @param create - Makes a fresh one that takes its randomness from `random`
 */
export function testPeerSelector (name: string, create: (random: () => number) => PeerSelector): void {
  describe(`${name} as a peer selector`, () => {
    test('takes the only candidate', () => {
      expect(create(seededRandom(1)).select([candidate(7)]).index).toBe(0)
      expect(create(seededRandom(1)).select([candidate(7, 0)]).index).toBe(0)
    })

    test('chooses from candidates that do not differ', () => {
      const selector = create(seededRandom(1))
      const candidates = Array.from({ length: 30 }, () => candidate(7))

      for (let i = 0; i < 100; i++) {
        expect(candidates[selector.select(candidates).index]).toBeDefined()
      }
    })

    test('chooses within the XOR window and says why, whatever the candidates', () => {
      fc.assert(fc.property(anyCandidates(), fc.integer(), (candidates, seed) => {
        const selector = create(seededRandom(seed))

        for (let i = 0; i < 5; i++) {
          const { index, reason } = selector.select(candidates)

          expect(Number.isInteger(index)).toBe(true)
          expect(index).toBeGreaterThanOrEqual(0)
          expect(index).toBeLessThan(xorWindow(candidates).length)
          expect(['exploit', 'explore']).toContain(reason)
        }
      }))
    })

    test('leaves the candidates as they are', () => {
      fc.assert(fc.property(anyCandidates(), candidates => {
        const copy = structuredClone(candidates)
        create(seededRandom(1)).select(candidates)

        expect(candidates).toEqual(copy)
      }))
    })

    test('chooses the same from the same seed', () => {
      fc.assert(fc.property(fc.array(anyCandidates(), { maxLength: 10 }), fc.integer(), (steps, seed) => {
        const [first, second] = [create(seededRandom(seed)), create(seededRandom(seed))]

        expect(steps.map(candidates => first.select(candidates))).toEqual(steps.map(candidates => second.select(candidates)))
      }))
    })

    test('in the long run chooses a fast and reliable candidate more often than its opposite, at equal distance', () => {
      const selector = create(seededRandom(1))
      const candidates = [candidate(7, 0.3, 2000), candidate(7, 0.9, 50)]
      const chosen = [0, 0]

      for (let i = 0; i < 1000; i++) {
        chosen[selector.select(candidates).index]++
      }

      expect(chosen[1]).toBeGreaterThan(chosen[0])
    })
  })
}
