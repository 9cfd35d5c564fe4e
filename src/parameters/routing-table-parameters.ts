import { checkParameters } from './check-parameters.ts'
import { LOOKUP_RULES } from './lookup-parameters.ts'
import { SCORING_RULES } from './scoring-parameters.ts'
import type { ParameterRules } from './check-parameters.ts'

/** What they may be, and are when nobody says */
export const ROUTING_TABLE_RULES: ParameterRules<RoutingTableParameters> = {
  k: LOOKUP_RULES.k,
  minGoodPeers: SCORING_RULES.minGoodPeers,
  maxReplacements: SCORING_RULES.maxReplacements
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
   * How many peers that found no place are kept to replace poor ones, a whole
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
  return checkParameters('routing table', ROUTING_TABLE_RULES, init)
}
