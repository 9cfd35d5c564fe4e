import type { PeerClass } from './peer-score.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'

/**
 * What the thresholds call a peer with this score
 */
export function classOfScore (score: number, { goodThreshold, unacceptableThreshold }: ScoreParameters): PeerClass {
  if (score >= goodThreshold) {
    return 'good'
  }

  return score < unacceptableThreshold ? 'unacceptable' : 'neutral'
}
