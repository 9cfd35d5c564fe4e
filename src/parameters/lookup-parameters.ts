import { checkParameters } from './check-parameters.ts'
import { InvalidParametersError } from './invalid-parameters-error.ts'
import type { ParameterRules } from './check-parameters.ts'

const MINUTE = 60_000

/** The range and the default of each parameter */
export const LOOKUP_RULES: ParameterRules<LookupParameters> = {
  k: { default: 20, min: 1, max: 1000, integer: true },
  alpha: { default: 20, min: 1, max: 1000, integer: true },
  maxInFlight: { default: 40, min: 1, max: 1000, integer: true },
  disjointPaths: { default: 1, min: 1, max: 100, integer: true },
  missedPeerMs: { default: MINUTE, min: 0, max: 10 * MINUTE },
  maxProbes: { default: 20, min: 0, max: 1000, integer: true },
  maxQueries: { default: 1000, min: 1, max: 100_000, integer: true }
}

/**
 * The parameters of a lookup
 */
export interface LookupParameters {
  /**
   * How many closest peers are looked for, a whole number from 1 to 1000
   *
   * @default 20
   */
  k: number

  /**
   * How many peers of its front one path asks at a time while it approaches the
   * target, a whole number from 1 to `maxInFlight`. A peer holds its slot until it
   * answers, fails or passes its soft deadline.
   *
   * @default 20
   */
  alpha: number

  /**
   * How many peers one path asks at a time in all. Once the closest peer has answered,
   * this is the only limit: the rest of the front has to be asked in any case, so it is
   * asked in one round. A whole number from 1 to 1000.
   *
   * @default 40
   */
  maxInFlight: number

  /**
   * How many disjoint paths a lookup has, as in S/Kademlia. Paths share no peer, and each
   * looks for its own k closest. A whole number from 1 to 100.
   *
   * @default 1
   */
  disjointPaths: number

  /**
   * What one missed peer of the k closest costs, in ms of waiting, 0 to 600000. A lookup holds
   * its finish for a late peer as long as the chance of its answer is worth the wait. The
   * node learns that chance: a peer without a sign of life is hardly ever worth it, a
   * connected one often is. With 0, a lookup waits for nobody that is late.
   *
   * @default 60000
   */
  missedPeerMs: number

  /**
   * How many unacceptable peers among the k closest are given a chance in spare
   * slots, a whole number from 0 to 1000
   *
   * @default 20
   */
  maxProbes: number

  /**
   * How many peers are asked at most, so that a lookup ends even when hostile peers
   * name new ones without end. A whole number from 1 to 100000.
   *
   * @default 1000
   */
  maxQueries: number
}

/**
 * The parameters that differ from their defaults
 */
export type LookupParametersInit = Partial<LookupParameters>

/**
 * Fill in the defaults of parameters that are not given, and check all of them.
 *
 * @throws {InvalidParametersError} A name is unknown, a value is out of its range, or `alpha` is above `maxInFlight`
 */
export function validateLookupParameters (init: LookupParametersInit = {}): LookupParameters {
  const parameters = checkParameters('lookup parameters', LOOKUP_RULES, init)
  const { alpha, maxInFlight } = parameters

  if (alpha > maxInFlight) {
    throw new InvalidParametersError(`lookup parameters: alpha is ${alpha}, allowed is up to maxInFlight, ${maxInFlight}`)
  }

  return parameters
}
