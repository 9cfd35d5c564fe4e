import type { WorldConditions } from './conditions.ts'

/**
 * The share of all identities that is online at a moment, on average over the day. Stable
 * nodes are always online, nodes that go by a schedule half of the time, and the others
 * for `churnerOnlineShare` of the time.
 */
export function expectedOnlineShare ({ churn, stableShare, churnerOnlineShare }: WorldConditions): number {
  const share = stableShare + (1 - stableShare) * churnerOnlineShare

  return churn === undefined ? share : churn.share * 0.5 + (1 - churn.share) * share
}
