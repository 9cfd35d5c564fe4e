import type { RequestTimeouts } from '../parameters/request-timeouts.ts'
import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * How long a ping may take, dial included, ms. It is shorter than kad-dht's own time-outs. When
 * one of those passes, nobody can say whether the peer was silent or the ping was given up.
 *
 * @param timeouts - kad-dht's time-outs for each kind of ping
 */
export function pingTimeoutMs ({ pingTimeoutShare }: Pick<UpkeepParameters, 'pingTimeoutShare'>, timeouts: RequestTimeouts[]): number {
  return Math.floor(pingTimeoutShare * Math.min(...timeouts.map(({ minMs }) => minMs)))
}
