import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'
import type { PeerClass, PeerScore } from '../score/peer-score.ts'

export interface PingFacts {
  score: Readonly<PeerScore> | undefined
  peerClass: PeerClass
  connected: boolean
  /** Whether garbage collection asks for the ping. A peer that fails it leaves the routing table. */
  isInsisted: boolean
}

/**
 * What to do when somebody asks for a ping:
 *
 * - `needed`: the peer has to be pinged
 * - `answered`: the peer has just answered a request, which proves more than a ping
 * - `refused`: the peer is unacceptable, so the ping fails without being sent
 */
export type PingNeed = 'needed' | 'answered' | 'refused'

/**
 * Whether a peer has to be pinged.
 */
export function pingNeed ({ score, peerClass, connected, isInsisted }: PingFacts, { freshAnswerMs }: Pick<UpkeepParameters, 'freshAnswerMs'>, now: number): PingNeed {
  // without a connection the answer may come from before a restart, and the peer may have left since
  if (connected && score?.latencyMs !== undefined && score.lastOutcome === 'responded' && now - score.updatedAt < freshAnswerMs) {
    return 'answered'
  }

  return peerClass === 'unacceptable' && !isInsisted ? 'refused' : 'needed'
}
