import { describe, expect, test } from 'vitest'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { xorWindow } from '../../src/selection/xor-window.ts'
import { testPeerSelector } from '../../src/testing/test-peer-selector.ts'
import { failuresOf } from './failures-of.ts'
import type { Candidate, Choice } from '../../src/selection/peer-selector.ts'

const WITHIN = 'chooses within the XOR window and says why, whatever the candidates'
const UNTOUCHED = 'leaves the candidates as they are'
const REPEATABLE = 'chooses the same from the same candidates and random numbers'
const BETTER = 'in the long run chooses a fast and reliable candidate more often than its opposite, at equal distance'

let calls = 0

/** The fastest within the window */
function fastest (candidates: readonly Candidate[]): number {
  const waits = candidates.slice(0, xorWindow(candidates).length).map(({ expectedWaitMs }) => expectedWaitMs)

  return waits.indexOf(Math.min(...waits))
}

describe('the suite of peer selectors', () => {
  test('passes a selector that does what it must', async () => {
    expect(await failuresOf(test => {
      testPeerSelector({ test, name: 'EpsilonGreedySelector', create: random => new EpsilonGreedySelector({ random }) })
    })).toEqual([])
  })

  test.each<[string, (candidates: readonly Candidate[], random: () => number) => Choice, string]>([
    ['goes beyond the window', candidates => ({ index: candidates.findLastIndex(({ score }) => score > 0.5) === -1 ? fastest(candidates) : candidates.findLastIndex(({ score }) => score > 0.5), reason: 'exploit' }), WITHIN],
    ['goes beyond the list', candidates => ({ index: candidates.length, reason: 'exploit' }), WITHIN],
    ['gives no whole number', candidates => ({ index: candidates.length > 2 ? 0.5 : fastest(candidates), reason: 'exploit' }), WITHIN],
    ['gives another reason', candidates => ({ index: fastest(candidates), reason: 'fast' as never }), WITHIN],
    ['sorts the candidates', candidates => {
      (candidates as Candidate[]).sort((a, b) => b.score - a.score)

      return { index: 0, reason: 'exploit' }
    }, UNTOUCHED],
    ['has chance of its own', candidates => ({ index: calls++ % 3 === 0 ? 0 : fastest(candidates), reason: 'exploit' }), REPEATABLE],
    ['takes no heed of scores and waits', () => ({ index: 0, reason: 'exploit' }), BETTER]
  ])('fails one that %s', async (_, select, title) => {
    expect(await failuresOf(test => {
      testPeerSelector({ test, name: 'of the test', create: random => ({ select: candidates => select(candidates, random) }) })
    })).toContain(title)
  })

  test('begins the name of each test with the name of the selector', () => {
    const names: string[] = []
    testPeerSelector({ test: name => names.push(name), name: 'FastestFirst', create: random => new EpsilonGreedySelector({ random }) })

    expect(names.length).toBeGreaterThan(3)
    expect(names.filter(name => !name.startsWith('FastestFirst: '))).toEqual([])
  })
})
