import { checkParameters } from './check-parameters.ts'
import { InvalidParametersError } from './invalid-parameters-error.ts'
import type { ParameterRules } from './check-parameters.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const YEAR = 365 * 24 * 60 * MINUTE

/** The range and the default of each parameter */
export const SCORE_RULES: ParameterRules<ScoreParameters> = {
  weightCap: { default: 3, min: 1, max: 1000, integer: true },
  goodThreshold: { default: 0.6, min: 0.5, max: 1 },
  unacceptableThreshold: { default: 0.3, min: 0, max: 0.5 },
  recoveryHalfLifeMs: { default: 30 * MINUTE, min: SECOND, max: YEAR },
  slowLatencyMs: { default: 5 * SECOND, min: 1, max: 10 * MINUTE },
  timedOutReward: { default: 0, min: 0, max: 0.5 },
  dialFailedReward: { default: 0, min: 0, max: 0.5 },
  noAddressReward: { default: 0.25, min: 0, max: 0.5 },
  protocolErrorReward: { default: 0.1, min: 0, max: 0.5 },
  invalidRecordReward: { default: 0, min: 0, max: 0.5 },
  referralWeightCap: { default: 20, min: 1, max: 1000, integer: true },
  referralPenalty: { default: 0.15, min: 0, max: 0.5 },
  maxPeers: { default: 50_000, min: 1, max: 10_000_000, integer: true },
  outagePeers: { default: 10, min: 2, max: 1000, integer: true },
  initialLatencyMs: { default: 300, min: 1, max: MINUTE },
  initialLatencyDeviationMs: { default: 150, min: 0, max: MINUTE },
  initialDialRatio: { default: 4, min: 0, max: 100 },
  minSoftDeadlineMs: { default: 100, min: 1, max: 10 * MINUTE },
  maxSoftDeadlineMs: { default: 5 * SECOND, min: 1, max: 10 * MINUTE }
}

/**
 * How outcomes turn into scores. A score is between 0 and 1, 0.5 is neutral.
 */
export interface ScoreParameters {
  /**
   * How many outcomes the reliability mean spans, a whole number from 1 to 1000;
   * the neutral start counts as one. With 3, a peer that always answered is still good
   * after one failure, neutral after two and unacceptable after three. A single
   * failure by chance should not make a peer unacceptable. But most peers that fail have
   * left, and each further failure that it takes to notice this costs a lookup a whole deadline.
   *
   * @default 3
   */
  weightCap: number

  /**
   * A peer with at least this score is good, above 0.5 to 1
   *
   * @default 0.6
   */
  goodThreshold: number

  /**
   * A peer with a score below this is unacceptable, 0 to below 0.5
   *
   * @default 0.3
   */
  unacceptableThreshold: number

  /**
   * Without a new outcome, a reliability below neutral drifts halfway back to it
   * in this time, ms, from a second to a year. With 30 minutes, the first failure
   * makes a peer unacceptable for 10 minutes, the next one for 17.
   *
   * @default 1800000
   */
  recoveryHalfLifeMs: number

  /**
   * Latency at which an answer's reward has fallen from 1 to neutral, ms, 1 to
   * 600000. A still slower answer is neutral too: the peer is alive.
   *
   * @default 5000
   */
  slowLatencyMs: number

  /**
   * Reward of an RPC that was not answered in time, 0 to 0.5
   *
   * @default 0
   */
  timedOutReward: number

  /**
   * Reward of a dial that was refused or timed out, 0 to 0.5
   *
   * @default 0
   */
  dialFailedReward: number

  /**
   * Reward of a dial that had no address to go to, 0 to 0.5. Milder than other
   * failures, because whoever named the peer may have left its addresses out.
   *
   * @default 0.25
   */
  noAddressReward: number

  /**
   * Reward of an answer that could not be understood, 0 to 0.5
   *
   * @default 0.1
   */
  protocolErrorReward: number

  /**
   * Reward of an answer with a record that failed validation, 0 to 0.5
   *
   * @default 0
   */
  invalidRecordReward: number

  /**
   * How many referrals the referral mean spans, a whole number from 1 to 1000; the
   * neutral start counts as one. This is more than `weightCap`, because one answer
   * brings up to k referrals, and it takes many of them to tell a liar from bad luck.
   *
   * @default 20
   */
  referralWeightCap: number

  /**
   * How far the worst referral mean lowers the score of the peer itself, and the first
   * score of a peer that it names, 0 to `0.5 - unacceptableThreshold`. The penalty alone
   * never makes a neutral peer unacceptable.
   *
   * @default 0.15
   */
  referralPenalty: number

  /**
   * How many peers have a record at most, a whole number from 1 to 10000000. With more, the
   * peer whose record changed longest ago is forgotten.
   *
   * @default 50000
   */
  maxPeers: number

  /**
   * When this many different peers that we expected to answer have failed in a row, and
   * nobody has answered meanwhile, it counts as our own outage. Where we know fewer than
   * twice as many such peers, half of them are enough, but three at least. A whole number
   * from 2 to 1000.
   *
   * @default 10
   */
  outagePeers: number

  /**
   * Latency assumed of a peer until the network has been measured, ms, 1 to 60000
   *
   * @default 300
   */
  initialLatencyMs: number

  /**
   * Mean deviation of latency assumed until the network has been measured, ms, 0 to
   * 60000
   *
   * @default 150
   */
  initialLatencyDeviationMs: number

  /**
   * How many latencies it takes to set up a connection, assumed until the network
   * has been measured, 0 to 100. TCP, the protocols' names and noise's handshake take
   * about one round trip each.
   *
   * @default 4
   */
  initialDialRatio: number

  /**
   * No soft deadline is shorter, ms, 1 to 600000
   *
   * @default 100
   */
  minSoftDeadlineMs: number

  /**
   * No soft deadline is longer, ms, 1 to 600000
   *
   * @default 5000
   */
  maxSoftDeadlineMs: number
}

/**
 * The parameters that differ from their defaults
 */
export type ScoreParametersInit = Partial<ScoreParameters>

/**
 * The parameters of a node that sets none
 */
export const DEFAULTS: Readonly<ScoreParameters> = checkParameters('score parameters', SCORE_RULES, {})

/**
 * Fill in the defaults of parameters that are not given, and check all of them.
 *
 * @throws {InvalidParametersError} A name is unknown, a value is out of its range, or two values contradict each other
 */
export function validateScoreParameters (init: ScoreParametersInit = {}): ScoreParameters {
  const parameters = checkParameters('score parameters', SCORE_RULES, init)
  const { goodThreshold, unacceptableThreshold, referralPenalty, minSoftDeadlineMs, maxSoftDeadlineMs } = parameters

  if (goodThreshold === 0.5) {
    throw new InvalidParametersError('score parameters: goodThreshold is 0.5, it must be above 0.5, the score of a peer that nobody has met')
  }

  if (unacceptableThreshold === 0.5) {
    throw new InvalidParametersError('score parameters: unacceptableThreshold is 0.5, it must be below 0.5, the score of a peer that nobody has met')
  }

  if (0.5 - referralPenalty < unacceptableThreshold) {
    throw new InvalidParametersError(`score parameters: referralPenalty is ${referralPenalty}, allowed is 0 to 0.5 - unacceptableThreshold, ${0.5 - unacceptableThreshold}`)
  }

  if (minSoftDeadlineMs > maxSoftDeadlineMs) {
    throw new InvalidParametersError(`score parameters: minSoftDeadlineMs is ${minSoftDeadlineMs}, allowed is up to maxSoftDeadlineMs, ${maxSoftDeadlineMs}`)
  }

  return parameters
}
