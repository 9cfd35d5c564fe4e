import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'

/**
 * Whom to ping when a new peer wants to enter a full bucket. These are its unacceptable
 * peers, the lowest score first, or, if it has none, the old ones. While no peer is old,
 * nobody is pinged, because the bucket was checked a short while ago.
 *
 * @param bucket - The peers of the bucket
 * @param old - The peers of the bucket that were not pinged for long enough, the longest first; at most as many as may be pinged
 */
export function evictionPings<P extends string | number> (table: Pick<ScoredRoutingTable<P>, 'evictionCandidates'>, bucket: readonly P[], old: readonly P[], now: number): P[] {
  const poor = old.length === 0 ? [] : table.evictionCandidates(bucket, old.length, now)

  return poor.length > 0 ? poor : [...old]
}
