import { classOfScore, driftedReliability, usefulness } from './score-formula.ts'
import type { PeerClass, PeerScore } from './peer-score.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

/**
 * Why a peer has the score that it has
 */
export interface ExplainedScore {
  peerClass: PeerClass
  /** 0 to 1; 0.5 is neutral */
  score: number
  /** What is kept of the peer; undefined when nothing is */
  record: Readonly<PeerScore> | undefined
  /** By how much reliability has drifted towards neutral since the record changed, 0 or more */
  drift: number
  /** By how much poor referrals lower the score, 0 or more */
  referralPenalty: number
  /** Where the classes begin: good at and above, unacceptable below */
  thresholds: { good: number, unacceptable: number }
  /** All of this in plain words, the most important first */
  reasons: string[]
}

/**
 * Explain a peer's score.
 *
 * @param record - What is kept of the peer, if anything
 * @param now - ms, by the clock of the records
 */
export function explainScore (record: Readonly<PeerScore> | undefined, now: number, parameters: ScoreParameters): ExplainedScore {
  const reliability = record === undefined ? 0.5 : driftedReliability(record, now, parameters.recoveryHalfLifeMs)
  const score = usefulness(reliability, record?.referral ?? 0.5, parameters)
  const peerClass = classOfScore(score, parameters)
  const drift = record === undefined ? 0 : reliability - record.reliability
  const referralPenalty = reliability - score

  return {
    peerClass,
    score,
    record,
    drift,
    referralPenalty,
    thresholds: { good: parameters.goodThreshold, unacceptable: parameters.unacceptableThreshold },
    reasons: [
      reasonOfClass(peerClass, score, parameters),
      reasonOfReliability(record, parameters),
      ...drift > 0 && record !== undefined ? [`reliability has drifted from ${fixed(record.reliability)} to ${fixed(reliability)} in ${duration(now - record.updatedAt)} without an outcome`] : [],
      ...referralPenalty > 0 && record !== undefined ? [`of the peers that it named ${Math.round(record.referral * 100)}% answered, which costs it ${fixed(referralPenalty)}`] : [],
      ...record?.latencyMs === undefined ? [] : [`answers in ${Math.round(record.latencyMs)} ms, give or take ${Math.round(record.latencyDeviationMs ?? 0)} ms`]
    ]
  }
}

function reasonOfClass (peerClass: PeerClass, score: number, { goodThreshold, unacceptableThreshold }: ScoreParameters): string {
  switch (peerClass) {
    case 'good':
      return `good: its score ${fixed(score)} is at least ${goodThreshold}`
    case 'unacceptable':
      return `unacceptable: its score ${fixed(score)} is below ${unacceptableThreshold}`
    case 'neutral':
      return `neutral: its score ${fixed(score)} is at least ${unacceptableThreshold} and below ${goodThreshold}`
  }
}

function reasonOfReliability (record: Readonly<PeerScore> | undefined, { weightCap }: ScoreParameters): string {
  if (record?.lastOutcome === undefined) {
    return 'never asked, so it starts neutral'
  }

  return `reliability ${fixed(record.reliability)} with weight ${record.weight} of ${weightCap}, last outcome: ${record.lastOutcome}`
}

function fixed (value: number): string {
  return value.toFixed(2)
}

function duration (ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
}
