import type { Network } from './network.ts'
import type { Population } from './population.ts'
import type { Sessions } from './sessions.ts'

/**
 * The modelled network as its clients meet it
 */
export interface World {
  readonly population: Population
  readonly sessions: Sessions
  readonly network: Network
}
