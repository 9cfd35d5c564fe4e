import type { OutcomeType } from './outcome.ts'

/**
 * What the score parameters call a peer with a given score
 */
export type PeerClass = 'good' | 'neutral' | 'unacceptable'

/**
 * Everything that is kept of our dealings with one peer: running means and no
 * history, so its size is fixed.
 */
export interface PeerScore {
  /** Running mean of rewards, 0 to 1; 0.5 is neutral */
  reliability: number
  /** Outcomes that `reliability` stands for, the neutral start included: from 1 up to `weightCap` */
  weight: number
  /** Running mean of response latency, ms; undefined until the first response */
  latencyMs: number | undefined
  /** Running mean deviation of response latency, ms */
  latencyDeviationMs: number | undefined
  /** Of the peers that it named to us and that we asked, the share that answered: a running mean, 0 to 1; 0.5 is neutral */
  referral: number
  /** Referrals that `referral` stands for, the neutral start included: from 1 up to `referralWeightCap` */
  referralWeight: number
  /** The last outcome; undefined while only referrals have been counted */
  lastOutcome: OutcomeType | undefined
  /** Since when it has answered without a break, as far as we saw: ms, by the clock of `updatedAt`; undefined until the first answer */
  answeringSince: number | undefined
  /** When it answered last, ms, by the clock of `updatedAt`; undefined until the first answer. A failure does not change it. */
  answeredAt: number | undefined
  /** When this record last changed, ms since the epoch by a clock that nobody sets while the node runs */
  updatedAt: number
}
