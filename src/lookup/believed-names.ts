import { compareDistance } from '../keyspace/xor-distance.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { PeerScore } from '../score/peer-score.ts'

/** So many of the peers that it named must have been asked before a referrer is held for one that names inventions */
const ENOUGH_REFERRALS = 10

/** Honest peers name some that are dead, but hardly so many */
const WORST_REFERRAL = 0.1

/** So many names of such a referrer are taken all the same, so that it can recover */
const FEW = 2

/**
 * The names of an answer that are believed. Of a peer whose names hardly ever answer these
 * are the closest two: it costs nothing to name inventions, and each has to be asked.
 *
 * @param referrer - The score of who has answered; undefined while it has none
 */
export function believedNames<N extends { kadId: KadId }> (names: N[], target: KadId, referrer: Pick<PeerScore, 'referral' | 'referralWeight'> | undefined): N[] {
  if (referrer === undefined || referrer.referralWeight < ENOUGH_REFERRALS || referrer.referral >= WORST_REFERRAL) {
    return names
  }

  return names.toSorted((a, b) => compareDistance(target, a.kadId, b.kadId)).slice(0, FEW)
}
