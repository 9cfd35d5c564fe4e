import { NamedPeers } from '../../src/routing-table/named-peers.ts'
import { PeerPlaces } from '../../src/routing-table/peer-places.ts'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { entryOf, MemoryBuckets } from './memory-buckets.ts'
import type { RoutingTableParameters } from '../../src/parameters/routing-table-parameters.ts'
import type { PeerClass } from '../../src/score/peer-score.ts'

/** When the tests take place, ms since the epoch */
export const NOW = 1_700_000_000_000

/** Not among the peers of any test */
export const LOCAL_PEER = 255

const RELIABILITY: Record<PeerClass, number> = { good: 0.9, neutral: 0.5, unacceptable: 0.1 }

/**
 * Peers by what is known of them
 */
export interface Peers {
  buckets?: number[]
  remembered?: number[]
  answered?: number[]
  named?: number[]
  good?: number[]
  /** Unacceptable */
  poor?: number[]
  /** The chance that they answer, where it is not 1 */
  chances?: Partial<Record<number, number>>
}

export interface Fixture {
  table: PeerPlaces<number>
  buckets: MemoryBuckets
  scores: PeerScores<number>
  /** Give a peer a score of this class, as outcomes would */
  setClass (peer: number, peerClass: PeerClass, reliability?: number): void
}

/**
 * A routing table over `MemoryBuckets` and real scores
 */
export function placesOf (peers: Peers, parameters: Partial<RoutingTableParameters> = {}): Fixture {
  const scores = new PeerScores<number>({ parameters: validateScoreParameters() })
  const buckets = new MemoryBuckets(peers.buckets)
  const table = new PeerPlaces({ buckets, scores, named: new NamedPeers<number>(10), chanceOf: peer => peers.chances?.[peer] ?? 1, localPeer: LOCAL_PEER, ...parameters })
  const setClass: Fixture['setClass'] = (peer, peerClass, reliability = RELIABILITY[peerClass]) => {
    scores.restore(peer, {
      reliability,
      weight: 3,
      latencyMs: undefined,
      latencyDeviationMs: undefined,
      referral: 0.5,
      referralWeight: 1,
      lastOutcome: undefined,
      answeringSince: undefined,
      answeredAt: undefined,
      updatedAt: NOW
    })
    table.scoreChanged(peer)
  }

  peers.good?.forEach(peer => { setClass(peer, 'good') })
  peers.answered?.forEach(peer => { table.heardOf(entryOf(peer), 'answered', NOW) })
  peers.named?.forEach(peer => { table.heardOf(entryOf(peer), 'named', NOW) })
  peers.remembered?.forEach(peer => { table.remember(entryOf(peer)) })
  peers.poor?.forEach(peer => { setClass(peer, 'unacceptable') })

  return { table, buckets, scores, setClass }
}
