import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bestCandidate } from '../../src/selection/best-candidate.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { candidate } from '../../src/testing/candidates.ts'
import { anyCandidates } from './candidates.ts'

test('the best candidate is the one that the epsilon-greedy selector exploits', () => {
  const greedy = new EpsilonGreedySelector({ epsilon: 0, random: () => 0.5 })

  fc.assert(fc.property(anyCandidates(), candidates => {
    expect(bestCandidate(candidates)).toBe(greedy.select(candidates).index)
  }))
})

test('the best candidate is the reliable and fast one', () => {
  expect(bestCandidate([candidate(8, 0.4, 300), candidate(8, 0.9, 50), candidate(9, 0.9, 60)])).toBe(1)
})
