import { checkParameters } from '../parameters/check-parameters.ts'
import { SCORING_RULES } from '../parameters/scoring-parameters.ts'
import { xorWindow } from './xor-window.ts'
import type { Candidate, Choice, PeerSelector } from './peer-selector.ts'

// a peer knows about k peers around itself, so the closest that it names are log2(k)
// bits closer than it is; k = 20
const BITS_PER_ANSWER = Math.log2(20)

// one that does not answer brings nothing (once) and takes its whole deadline, some
// times the expected wait (twice)
const SCORE_EXPONENT = 2

/**
 * What an `EpsilonGreedySelector` is made with
 */
export interface EpsilonGreedySelectorInit {
  /**
   * Share of choices that explore, 0 to 1
   *
   * @default 0.2
   */
  epsilon?: number

  /** Uniform random numbers from 0 to below 1; seeded, the choices can be repeated */
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

    const values = bitsBehind.map((bits, index) => value(candidates[index], bits))

    return { index: values.indexOf(Math.max(...values)), reason: 'exploit' }
  }
}

/** Expected progress per expected wait, bits per ms */
function value ({ score, expectedWaitMs }: Candidate, bitsBehind: number): number {
  return score ** SCORE_EXPONENT * (BITS_PER_ANSWER - bitsBehind) / expectedWaitMs
}
