import { checkParameters } from '../score/check-parameters.ts'
import type { ParameterRules } from '../score/check-parameters.ts'

const RULES: ParameterRules<RoutingTableParameters> = {
  k: { default: 20, min: 1, max: 1000, integer: true },
  minGoodPeers: { default: 20, min: 0, max: 100_000, integer: true },
  maxReplacements: { default: 1000, min: 0, max: 1_000_000, integer: true }
}

/**
 * The numbers of a `ScoredRoutingTable`
 */
export interface RoutingTableParameters {
  /**
   * Kademlia's k: how many peers a reply names, a whole number from 1 to 1000
   *
   * @default 20
   */
  k: number

  /**
   * How many peers with a good score to keep, a whole number from 0 to 100000
   *
   * @default 20
   */
  minGoodPeers: number

  /**
   * How many peers that found no place are kept to stand in for poor ones, a whole
   * number from 0 to 1000000
   *
   * @default 1000
   */
  maxReplacements: number
}

/**
 * Complete parameters with the defaults and check them.
 *
 * @throws {InvalidParametersError} A name is unknown or a value out of its range
 */
export function validateRoutingTableParameters (init: Partial<RoutingTableParameters>): RoutingTableParameters {
  return checkParameters('routing table', RULES, init)
}
