import type { PeerScore } from './peer-score.ts'

/**
 * A peer's reliability at a time. A reliability below 0.5 drifts towards 0.5 since the
 * record changed last, halfway in each `halfLifeMs`. A reliability of 0.5 and more does not drift.
 *
 * @param now - ms, by the clock of the record; a time before the record's counts as the record's
 */
export function driftedReliability ({ reliability, updatedAt }: Readonly<PeerScore>, now: number, halfLifeMs: number): number {
  if (reliability >= 0.5) {
    return reliability
  }

  const ageMs = now > updatedAt ? now - updatedAt : 0

  return 0.5 - (0.5 - reliability) * 2 ** (-ageMs / halfLifeMs)
}
