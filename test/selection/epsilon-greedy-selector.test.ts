import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../benchmarks/random/seeded-random.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { candidate } from '../../src/testing/candidates.ts'
import { testPeerSelector } from '../../src/testing/test-peer-selector.ts'
import { anyCandidates } from './candidates.ts'

testPeerSelector({ test, name: 'EpsilonGreedySelector', create: random => new EpsilonGreedySelector({ random }) })
testPeerSelector({ test, name: 'a greedy EpsilonGreedySelector', create: random => new EpsilonGreedySelector({ epsilon: 0, random }) })

describe('EpsilonGreedySelector', () => {
  const greedy = new EpsilonGreedySelector({ epsilon: 0, random: seededRandom(1) })

  test.each([
    ['the closest of equals', [candidate(8), candidate(8), candidate(8)], 0],
    ['the closer one, all else equal', [candidate(8), candidate(16)], 0],
    ['the higher score, all else equal', [candidate(8, 0.5), candidate(8, 0.6)], 1],
    ['the shorter wait, all else equal', [candidate(8, 0.5, 100), candidate(8, 0.5, 90)], 1],
    ['a bit further where that is twice as fast', [candidate(8, 0.9, 200), candidate(16, 0.9, 100)], 1],
    ['the closer one where further is hardly faster', [candidate(8, 0.9, 110), candidate(16, 0.9, 100)], 0],
    ['a good peer further away rather than an unacceptable one', [candidate(8, 0.25), candidate(32, 0.75)], 1],
    ['the more reliable one though it takes half as long again', [candidate(8, 0.5, 100), candidate(8, 0.7, 150)], 1],
    ['nobody beyond the window, however fast', [candidate(1, 0.5, 5000), candidate(9, 1, 1)], 0],
    ['the closest where nobody has any score', [candidate(8, 0), candidate(9, 0)], 0]
  ])('without exploring takes %s', (_, candidates, index) => {
    expect(greedy.select(candidates)).toEqual({ index, reason: 'exploit' })
  })

  test('without exploring does not depend on chance', () => {
    fc.assert(fc.property(anyCandidates(), fc.integer(), (candidates, seed) => {
      const other = new EpsilonGreedySelector({ epsilon: 0, random: seededRandom(seed) })

      expect(other.select(candidates)).toEqual(greedy.select(candidates))
    }))
  })

  test('exploring only, takes each candidate of the window equally often', () => {
    const selector = new EpsilonGreedySelector({ epsilon: 1, random: seededRandom(7) })
    const candidates = [candidate(8, 1, 1), candidate(9, 0, 9000), candidate(20), candidate(30), candidate(64), candidate(255, 1, 1)]
    const inWindow = 5
    const counts: number[] = new Array(candidates.length).fill(0)
    const draws = 10_000

    for (let i = 0; i < draws; i++) {
      const { index, reason } = selector.select(candidates)
      counts[index]++
      expect(reason).toBe('explore')
    }

    expect(counts[5]).toBe(0)

    const expected = draws / inWindow
    const chiSquare = counts.slice(0, inWindow).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)

    // the 99th percentile of chi-square with 4 degrees of freedom
    expect(chiSquare).toBeLessThan(13.28)
  })

  test.each([[undefined, 0.2], [0.05, 0.05], [0.5, 0.5]])('with epsilon %s explores in %d of its choices', (epsilon, share) => {
    const selector = new EpsilonGreedySelector({ epsilon, random: seededRandom(3) })
    const draws = 10_000
    let explored = 0

    for (let i = 0; i < draws; i++) {
      explored += Number(selector.select([candidate(8), candidate(9)]).reason === 'explore')
    }

    // three standard deviations of a binomial
    expect(Math.abs(explored / draws - share)).toBeLessThan(3 * Math.sqrt(share * (1 - share) / draws))
  })

  test.each([-0.1, 1.1, NaN, '0.2' as unknown as number])('refuses an epsilon of %s', (epsilon) => {
    expect(() => new EpsilonGreedySelector({ epsilon, random: seededRandom(1) })).toThrow(expect.objectContaining({
      name: 'InvalidParametersError',
      message: expect.stringContaining('epsilon is ')
    }))
  })
})
