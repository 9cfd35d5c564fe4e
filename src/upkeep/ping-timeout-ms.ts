import type { RequestTimeouts } from '../parameters/request-timeouts.ts'
import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * How long a ping may take, dial included, ms: ours has to pass before kad-dht's, which
 * can't be told from a ping that is given up
 *
 * @param timeouts - kad-dht's, of each kind of ping
 */
export function pingTimeoutMs ({ pingTimeoutShare }: Pick<UpkeepParameters, 'pingTimeoutShare'>, timeouts: RequestTimeouts[]): number {
  return Math.floor(pingTimeoutShare * Math.min(...timeouts.map(({ minMs }) => minMs)))
}
