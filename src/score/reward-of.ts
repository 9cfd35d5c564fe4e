import type { Outcome } from './outcome.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

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

function unknownOutcome (outcome: never): never {
  throw new TypeError(`no reward is known for the outcome ${JSON.stringify(outcome)}`)
}
