import { rewardOf } from './reward-of.ts'
import type { Outcome } from './outcome.ts'
import type { PeerScore } from './peer-score.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

// the gains of RFC 6298, after Jacobson and Karels
const LATENCY_GAIN = 1 / 8
const LATENCY_DEVIATION_GAIN = 1 / 4

/**
 * A peer's record after one more outcome: `mean += (reward - mean) / weight`. The weight
 * grows by one each time, up to its cap. Because of the cap the mean forgets.
 */
export function countOutcome (before: Readonly<PeerScore>, outcome: Outcome, parameters: ScoreParameters): PeerScore {
  const weight = Math.min(before.weight + 1, parameters.weightCap)
  const reliability = before.reliability + (rewardOf(outcome, parameters) - before.reliability) / weight

  return { ...before, ...latencyAfter(before, outcome), reliability, weight, lastOutcome: outcome.type }
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

  return { ...before, ...latencyAfter(before, outcome), reliability, lastOutcome: outcome.type }
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
