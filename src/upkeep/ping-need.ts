import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'
import type { PeerClass, PeerScore } from '../score/peer-score.ts'

export interface PingFacts {
  score: Readonly<PeerScore> | undefined
  peerClass: PeerClass
  connected: boolean
  /** Whether garbage collection asks: whether the peer leaves the routing table depends on it */
  isInsisted: boolean
}

/**
 * What becomes of a ping: it is `needed`, or the peer has `answered` just now, which is
 * the better proof, or it is `refused`, as the peer is unacceptable
 */
export type PingNeed = 'needed' | 'answered' | 'refused'

/**
 * Whether a peer has to be pinged.
 */
export function pingNeed ({ score, peerClass, connected, isInsisted }: PingFacts, { freshAnswerMs }: Pick<UpkeepParameters, 'freshAnswerMs'>, now: number): PingNeed {
  // without a connection the answer may be of an earlier run, and the peer gone since
  if (connected && score?.latencyMs !== undefined && score.lastOutcome === 'responded' && now - score.updatedAt < freshAnswerMs) {
    return 'answered'
  }

  return peerClass === 'unacceptable' && !isInsisted ? 'refused' : 'needed'
}
