import { isAnswer, isSilence } from './outcome-kinds.ts'
import type { Outcome } from './outcome.ts'
import type { PeerClass, PeerScore } from './peer-score.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

// The formula from top to bottom: a record begins, an outcome has a reward, the reward moves
// the running means, a poor reliability drifts back, and the classes follow from what is left.

// the gains of RFC 6298, after Jacobson and Karels
const LATENCY_GAIN = 1 / 8
const LATENCY_DEVIATION_GAIN = 1 / 4

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
    answeringSince: undefined,
    answeredAt: undefined,
    updatedAt: now
  }
}

/**
 * What an outcome is worth, 0 to 1. An answer earns 1 when it comes at once, linearly less
 * the later it comes, and 0.5 from `slowLatencyMs` on. A failure earns at most 0.5.
 */
export function rewardOf (outcome: Outcome, parameters: ScoreParameters): number {
  switch (outcome.type) {
    case 'responded':
    case 'stored':
      return 1 - 0.5 * Math.min(1, (outcome.latencyMs ?? 0) / parameters.slowLatencyMs)
    case 'timedOut':
      return parameters.timedOutReward
    case 'dialFailed':
      return outcome.class === 'noAddress' ? parameters.noAddressReward : parameters.dialFailedReward
    case 'protocolError':
      return parameters.protocolErrorReward
    case 'invalidRecord':
      return parameters.invalidRecordReward
    default:
      return unknownOutcome(outcome)
  }
}

/**
 * A peer's record after one more outcome: `mean += (reward - mean) / weight`. The weight
 * grows by one each time, up to its cap. Because of the cap the mean forgets.
 */
export function countOutcome (before: Readonly<PeerScore>, outcome: Outcome, parameters: ScoreParameters): PeerScore {
  const weight = Math.min(before.weight + 1, parameters.weightCap)
  const reliability = before.reliability + (rewardOf(outcome, parameters) - before.reliability) / weight
  const wasSilent = before.lastOutcome !== undefined && isSilence({ type: before.lastOutcome })

  return { ...before, ...latencyAfter(before, outcome), ...answersAfter(before, outcome, wasSilent), reliability, weight, lastOutcome: outcome.type }
}

/**
 * A peer's record after an answer has taken the place of the failure that was counted last.
 * The mean moves by the difference of the two rewards, divided by the weight.
 */
export function replaceFailure (before: Readonly<PeerScore>, outcome: Outcome, parameters: ScoreParameters): PeerScore {
  const penalty = before.lastOutcome === 'timedOut' ? parameters.timedOutReward : parameters.dialFailedReward
  const correction = (rewardOf(outcome, parameters) - penalty) / before.weight
  // the penalty may have drifted away in part, or other parameters may have set it
  const reliability = Math.min(Math.max(before.reliability + correction, 0), 1)

  return { ...before, ...latencyAfter(before, outcome), ...answersAfter(before, outcome, false), reliability, lastOutcome: outcome.type }
}

/**
 * Since when a peer answers, and when it did last, after one more outcome. This outcome comes at the time of the record.
 * The clock may have gone back in a restart.
 *
 * @param wasSilent - Whether the peer was silent the last time, so that its answers begin anew
 */
function answersAfter ({ answeringSince, answeredAt, updatedAt }: Readonly<PeerScore>, outcome: Outcome, wasSilent: boolean): Pick<PeerScore, 'answeringSince' | 'answeredAt'> {
  if (!isAnswer(outcome)) {
    return { answeringSince, answeredAt }
  }

  return { answeringSince: wasSilent ? updatedAt : answeringSince ?? updatedAt, answeredAt: Math.max(answeredAt ?? 0, updatedAt) }
}

/**
 * The running means of a peer's latency after an answer. Any other outcome leaves them as they were.
 */
function latencyAfter ({ latencyMs, latencyDeviationMs }: Readonly<PeerScore>, outcome: Outcome): Pick<PeerScore, 'latencyMs' | 'latencyDeviationMs'> {
  if ((outcome.type !== 'responded' && outcome.type !== 'stored') || outcome.latencyMs === undefined) {
    return { latencyMs, latencyDeviationMs }
  }

  if (latencyMs === undefined || latencyDeviationMs === undefined) {
    return { latencyMs: outcome.latencyMs, latencyDeviationMs: outcome.latencyMs / 2 }
  }

  const error = outcome.latencyMs - latencyMs

  return {
    latencyMs: latencyMs + error * LATENCY_GAIN,
    latencyDeviationMs: latencyDeviationMs + (Math.abs(error) - latencyDeviationMs) * LATENCY_DEVIATION_GAIN
  }
}

/**
 * A peer's record after a peer that it named has answered us, or has not
 */
export function countReferral (before: Readonly<PeerScore>, answered: boolean, { referralWeightCap }: ScoreParameters): PeerScore {
  const referralWeight = Math.min(before.referralWeight + 1, referralWeightCap)
  const referral = before.referral + (Number(answered) - before.referral) / referralWeight

  return { ...before, referral, referralWeight }
}

/**
 * A peer's record after a peer that it named has answered, whose silence was counted last
 */
export function replaceFailedReferral (before: Readonly<PeerScore>): PeerScore {
  return { ...before, referral: Math.min(before.referral + 1 / before.referralWeight, 1) }
}

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

/**
 * What the thresholds call a peer with this score
 */
export function classOfScore (score: number, { goodThreshold, unacceptableThreshold }: ScoreParameters): PeerClass {
  if (score >= goodThreshold) {
    return 'good'
  }

  return score < unacceptableThreshold ? 'unacceptable' : 'neutral'
}

function unknownOutcome (outcome: never): never {
  throw new TypeError(`no reward is known for the outcome ${JSON.stringify(outcome)}`)
}
