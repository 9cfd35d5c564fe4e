import { checkParameters } from './check-parameters.ts'
import { InvalidParametersError } from './invalid-parameters-error.ts'
import type { ParameterRules } from './check-parameters.ts'

const MINUTE = 60_000

/** What they may be, and are when nobody says */
export const LOOKUP_RULES: ParameterRules<LookupParameters> = {
  k: { default: 20, min: 1, max: 1000, integer: true },
  alpha: { default: 20, min: 1, max: 1000, integer: true },
  maxInFlight: { default: 40, min: 1, max: 1000, integer: true },
  disjointPaths: { default: 1, min: 1, max: 100, integer: true },
  graceMs: { default: 1000, min: 0, max: 10 * MINUTE },
  connectedGraceMs: { default: 4500, min: 0, max: 10 * MINUTE },
  maxProbes: { default: 20, min: 0, max: 1000, integer: true },
  maxQueries: { default: 1000, min: 1, max: 100_000, integer: true }
}

/**
 * How a lookup goes about its work
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
   * How many peers one path asks at a time in all, and the only limit once the
   * closest has answered: the rest have to be asked anyway, so they are asked in one
   * round. A whole number from 1 to 1000.
   *
   * @default 40
   */
  maxInFlight: number

  /**
   * How many paths that share no peer, as S/Kademlia has them; each looks for its
   * own k closest. A whole number from 1 to 100.
   *
   * @default 1
   */
  disjointPaths: number

  /**
   * How long after its soft deadline a peer among the k closest that does not
   * connect holds the finish back, ms, 0 to 600000; the less, the fewer strangers
   * answer
   *
   * @default 1000
   */
  graceMs: number

  /**
   * The same for a peer whose connection stands: alive, and perhaps only slow, ms, 0
   * to 600000. From when it stands, if that is later. With the default, one that takes
   * four seconds for its answer still belongs to the closest.
   *
   * @default 4500
   */
  connectedGraceMs: number

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
 * Complete parameters with the defaults and check them.
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
