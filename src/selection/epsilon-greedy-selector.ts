import { checkParameters } from '../parameters/check-parameters.ts'
import { SCORING_RULES } from '../parameters/scoring-parameters.ts'
import { bestCandidate } from './best-candidate.ts'
import { xorWindow } from './xor-window.ts'
import type { Candidate, Choice, PeerSelector } from './peer-selector.ts'

/**
 * What an `EpsilonGreedySelector` is made of
 */
export interface EpsilonGreedySelectorInit {
  /**
   * Share of choices that explore, 0 to 1
   *
   * @default 0.2
   */
  epsilon?: number

  /** Uniform random numbers from 0 to below 1. With seeded ones the choices can be repeated. */
  random: () => number
}

/**
 * Mostly takes the candidate with the highest expected progress per expected wait,
 * the closest among equals. With probability `epsilon` it takes one at random, so
 * that every peer can change its score. Either way the choice falls within the XOR
 * window.
 */
export class EpsilonGreedySelector implements PeerSelector {
  readonly #epsilon: number
  readonly #random: () => number

  /**
   * @throws {InvalidParametersError} Epsilon is not a number from 0 to 1
   */
  constructor ({ epsilon, random }: EpsilonGreedySelectorInit) {
    const checked = checkParameters('epsilon-greedy selector', { epsilon: SCORING_RULES.epsilon }, { epsilon })

    this.#epsilon = checked.epsilon
    this.#random = random
  }

  select (candidates: readonly Candidate[]): Choice {
    const bitsBehind = xorWindow(candidates)

    if (this.#random() < this.#epsilon) {
      return { index: Math.floor(this.#random() * bitsBehind.length), reason: 'explore' }
    }

    return { index: bestCandidate(candidates, bitsBehind), reason: 'exploit' }
  }
}
