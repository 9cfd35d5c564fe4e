import type { LookupParameters } from '../parameters/lookup-parameters.ts'

/** The fewest requests at a time, as many as kad-dht's own alpha. With fewer a lookup would be very slow. */
const MIN_REQUESTS = 10

/**
 * The parameters of a lookup on a node with a limit of connections. All paths taken
 * together, the lookup asks no more peers at a time than the node may have connections,
 * but 10 where the node may have fewer.
 *
 * @param maxConnections - May be infinite
 */
export function withinConnections (parameters: LookupParameters, maxConnections: number): LookupParameters {
  const perPath = Math.max(1, Math.floor(Math.max(MIN_REQUESTS, maxConnections) / parameters.disjointPaths))

  return {
    ...parameters,
    alpha: Math.min(parameters.alpha, perPath),
    maxInFlight: Math.min(parameters.maxInFlight, perPath)
  }
}
