import type { LookupParameters } from '../parameters/lookup-parameters.ts'

/** kad-dht's own alpha: with fewer a lookup would crawl */
const MIN_REQUESTS = 10

/**
 * The parameters of a lookup on a node that may have so many connections: it asks no
 * more peers at a time than that, all paths taken together, or 10 where the node
 * may have fewer.
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
