import type { PeerScore } from './peer-score.ts'

/**
 * A peer's reliability with the time since its last change taken into account:
 * below neutral it drifts towards 0.5, halfway in each `halfLifeMs`; from neutral
 * up it stays.
 *
 * @param now - ms, by the clock of the record; one that went back counts as no time passed
 */
export function driftedReliability ({ reliability, updatedAt }: Readonly<PeerScore>, now: number, halfLifeMs: number): number {
  if (reliability >= 0.5) {
    return reliability
  }

  const ageMs = now > updatedAt ? now - updatedAt : 0

  return 0.5 - (0.5 - reliability) * 2 ** (-ageMs / halfLifeMs)
}
