import { answerAtQuorum } from './answer-at-quorum.ts'
import { correctInBackground } from './correct-in-background.ts'
import { markEarlyEnds } from './mark-early-ends.ts'
import { obeySignals } from './obey-signals.ts'
import { reportStores } from './report-stores.ts'
import { mendSelfQuery } from './self-query.ts'
import type { KadDHTInternals } from './internals.ts'
import type { Logger, PeerId } from '@libp2p/interface'
import type { PeerInfoMapper } from '@libp2p/kad-dht'

export interface MendOperationsInit {
  /** How many closest peers there are */
  k: number
  /** Ourselves */
  peerId: PeerId
  /** Which addresses peers of this DHT can use */
  peerInfoMapper: PeerInfoMapper
  log: Logger
}

/**
 * Mend what kad-dht's operations do around their lookups
 */
export function mendOperations (inner: KadDHTInternals, { k, peerId, peerInfoMapper, log }: MendOperationsInit): void {
  mendSelfQuery(inner.querySelf)
  markEarlyEnds(inner.peerRouting, inner.contentRouting)
  answerAtQuorum(inner.contentFetching, k, peer => peerId.equals(peer))
  correctInBackground(inner.contentFetching, () => inner.queryManager.shutDownController.signal, log)
  reportStores({ contentRouting: inner.contentRouting, contentFetching: inner.contentFetching, peerId, peerInfoMapper, log })
  // around all the others
  obeySignals(inner)
}
