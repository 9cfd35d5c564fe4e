import { describe, expect, test } from 'vitest'
import { createSelector } from '../../../src/libp2p/lookup/create-selector.ts'
import { EpsilonGreedySelector } from '../../../src/selection/epsilon-greedy-selector.ts'
import { candidate } from '../../../src/testing/candidates.ts'
import { errorsTo } from '../errors-to.ts'
import type { PeerSelector } from '../../../src/selection/peer-selector.ts'

class Lost implements PeerSelector {
  select (): { index: number, reason: 'exploit' } {
    return { index: 7, reason: 'exploit' }
  }
}

describe('the selector of the options', () => {
  test('is the epsilon-greedy one without a selector', () => {
    expect(createSelector({ selector: undefined, epsilon: 0.2, random: () => 0.5 }, init().init)).toBeInstanceOf(EpsilonGreedySelector)
  })

  test('logs the first invalid choice of a selector, and counts all', () => {
    const { init: given, errors, counted } = init()
    const selector = createSelector({ selector: new Lost(), epsilon: 0.2, random: () => 0.5 }, given)

    for (let i = 0; i < 3; i++) {
      expect(selector.select([candidate(8, 0.4), candidate(8, 0.9)])).toEqual({ index: 1, reason: 'exploit' })
    }

    expect(errors).toEqual(['InvalidSelectorError: selector Lost chose { index: 7, reason: "exploit" }, allowed are an index from 0 to 1 and a reason of \'exploit\' or \'explore\'. The best candidate is asked instead, now and whenever this happens again'])
    expect(counted()).toBe(3)
  })
})

function init (): { init: Parameters<typeof createSelector>[1], errors: string[], counted: () => number } {
  const errors: string[] = []
  let count = 0

  return { init: { log: errorsTo(errors).forComponent('test'), onInvalidChoice: () => { count++ } }, errors, counted: () => count }
}
