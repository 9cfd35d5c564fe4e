import type { ScoreParameters } from '../parameters/score-parameters.ts'

/**
 * A peer's score: its reliability, lowered by up to `referralPenalty` where the peers that
 * it names do not answer. Bad referrals alone make no peer unacceptable, since honest peers
 * name dead ones as well. Good referrals never raise the score, since it costs nothing to
 * name peers that live.
 *
 * @param reliability - 0 to 1
 * @param referral - Share of named peers that answered, 0 to 1; from neutral 0.5 up nothing is lowered
 */
export function usefulness (reliability: number, referral: number, parameters: ScoreParameters): number {
  const shortfall = Math.max(0, 1 - referral / 0.5)
  const lowered = reliability - shortfall * parameters.referralPenalty

  return Math.max(lowered, Math.min(reliability, parameters.unacceptableThreshold))
}
