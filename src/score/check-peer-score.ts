import type { PeerScore } from './peer-score.ts'

/**
 * Check a record that comes from outside, a store say.
 *
 * @throws {RangeError} A field is `NaN`, infinite, negative or out of its range; the message names it
 */
export function checkPeerScore (score: Readonly<PeerScore>): void {
  check('reliability', score.reliability, 1)
  check('weight', score.weight)
  check('referral', score.referral, 1)
  check('referralWeight', score.referralWeight)
  check('updatedAt', score.updatedAt)

  if (score.latencyMs !== undefined || score.latencyDeviationMs !== undefined) {
    check('latencyMs', score.latencyMs)
    check('latencyDeviationMs', score.latencyDeviationMs)
  }

  if (score.answeringSince !== undefined || score.answeredAt !== undefined) {
    check('answeredAt', score.answeredAt)
    check('answeringSince', score.answeringSince, score.answeredAt)
  }
}

function check (field: keyof PeerScore, value: number | undefined, max = Number.MAX_VALUE): void {
  if (!(value !== undefined && value >= 0 && value <= max)) {
    throw new RangeError(`score record: ${field} is ${value}, allowed is a number from 0${max === Number.MAX_VALUE ? '' : ` to ${max}`}`)
  }
}
