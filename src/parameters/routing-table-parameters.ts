import { checkParameters } from './check-parameters.ts'
import { LOOKUP_RULES } from './lookup-parameters.ts'
import { SCORING_RULES } from './scoring-parameters.ts'
import type { ParameterRules } from './check-parameters.ts'

/** The range and the default of each parameter */
export const ROUTING_TABLE_RULES: ParameterRules<RoutingTableParameters> = {
  k: LOOKUP_RULES.k,
  minGoodPeers: SCORING_RULES.minGoodPeers,
  maxReplacements: SCORING_RULES.maxReplacements,
  maxNamedPeers: SCORING_RULES.maxNamedPeers
}

/**
 * The parameters of a `ScoredRoutingTable`
 */
export interface RoutingTableParameters {
  /**
   * Kademlia's k: how many peers a reply names, a whole number from 1 to 1000
   *
   * @default 20
   */
  k: number

  /**
   * How many good peers the table needs, a whole number from 0 to 100000. With fewer, the node
   * searches for more.
   *
   * @default 20
   */
  minGoodPeers: number

  /**
   * How many peers that found no place in a k-bucket are kept to replace poor ones, a whole
   * number from 0 to 1000000
   *
   * @default 1000
   */
  maxReplacements: number

  /**
   * How many peers are remembered that were named to us and that we have not asked, a whole
   * number from 0 to 1000000. Lookups begin with them, too.
   *
   * @default 20000
   */
  maxNamedPeers: number
}

/**
 * Fill in the defaults of parameters that are not given, and check all of them.
 *
 * @throws {InvalidParametersError} A name is unknown or a value out of its range
 */
export function validateRoutingTableParameters (init: Partial<RoutingTableParameters>): RoutingTableParameters {
  return checkParameters('routing table', ROUTING_TABLE_RULES, init)
}
