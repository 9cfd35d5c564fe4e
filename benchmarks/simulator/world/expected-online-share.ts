import type { WorldConditions } from './conditions.ts'

/**
 * The share of all identities that is online at a moment, on average over the day: all
 * stable ones, and the others for their share of the time; half of those that toggle.
 */
export function expectedOnlineShare ({ churn, stableShare, churnerOnlineShare }: WorldConditions): number {
  const share = stableShare + (1 - stableShare) * churnerOnlineShare

  return churn === undefined ? share : churn.share * 0.5 + (1 - churn.share) * share
}
