import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'

/**
 * Whom to ping when a bucket is full and somebody knocks: its unacceptable peers, the worst
 * first, before those that merely are old. Nobody, while none is old: the bucket was
 * looked through a short while ago.
 *
 * @param bucket - Its peers
 * @param old - Those of them that were not pinged for long enough, the longest first, as many as may be pinged
 */
export function evictionPings<P extends string | number> (table: Pick<ScoredRoutingTable<P>, 'evictionCandidates'>, bucket: readonly P[], old: readonly P[], now: number): P[] {
  const poor = old.length === 0 ? [] : table.evictionCandidates(bucket, old.length, now)

  return poor.length > 0 ? poor : [...old]
}
