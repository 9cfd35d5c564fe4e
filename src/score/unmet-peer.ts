import type { PeerScore } from './peer-score.ts'

/**
 * The record of a peer that nobody has met: neutral in all.
 *
 * @param now - ms, by the clock of the records
 */
export function unmetPeer (now: number): PeerScore {
  return {
    reliability: 0.5,
    weight: 1,
    latencyMs: undefined,
    latencyDeviationMs: undefined,
    referral: 0.5,
    referralWeight: 1,
    lastOutcome: undefined,
    updatedAt: now
  }
}
