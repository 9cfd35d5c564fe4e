import { CheckedSelector } from '../../selection/checked-selector.ts'
import { EpsilonGreedySelector } from '../../selection/epsilon-greedy-selector.ts'
import type { PeerSelector } from '../../selection/peer-selector.ts'
import type { ScoringOptions } from '../scoring-options.ts'
import type { Logger } from '@libp2p/interface'

export interface CreateSelectorInit {
  log: Pick<Logger, 'error'>
  /** Called each time when the user's selector chooses something that was not offered */
  onInvalidChoice: () => void
}

/**
 * The selector that the options ask for: the user's own, whose choices are checked, or
 * else the epsilon-greedy one. Only the first invalid choice is logged, so that a faulty
 * selector does not fill the log.
 */
export function createSelector ({ selector, epsilon, random }: Pick<ScoringOptions, 'selector' | 'epsilon' | 'random'>, { log, onInvalidChoice }: CreateSelectorInit): PeerSelector {
  if (selector === undefined) {
    return new EpsilonGreedySelector({ epsilon, random })
  }

  let logged = false

  return new CheckedSelector(selector, error => {
    onInvalidChoice()

    if (!logged) {
      logged = true
      log.error('%s. The best candidate is asked instead, now and whenever this happens again', String(error))
    }
  })
}
