import type { Network } from './network.ts'
import type { Population } from './population.ts'
import type { Sessions } from './sessions.ts'

/**
 * The modelled network, as clients see it
 */
export interface World {
  readonly population: Population
  readonly sessions: Sessions
  readonly network: Network
}
