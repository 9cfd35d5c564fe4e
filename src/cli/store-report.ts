import { multiaddr } from '@multiformats/multiaddr'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { PeerScores } from '../routing-table/peer-scores.ts'
import { validateScoreParameters } from '../parameters/score-parameters.ts'
import type { ScoreStore, StoredAddress, StoredNamedPeer, StoredScoredPeer, UnreadableEntry } from '../persistence/score-store.ts'
import type { PeerClass, PeerScore } from '../score/peer-score.ts'
import type { ExplainedScore } from '../score/explain-score.ts'

/** Whatever is in the store is shown, however many peers the node allowed itself */
const PARAMETERS = validateScoreParameters({ maxPeers: 10_000_000 })

/**
 * One peer of a store. Peers are named by their ids; what is unknown is null.
 */
export type PeerReport = ScoredPeerReport | NamedPeerReport

/**
 * A peer that was asked
 */
export interface ScoredPeerReport {
  peer: string
  class: PeerClass
  /** 0 to 1; 0.5 is neutral */
  score: number
  reliability: number
  weight: number
  latencyMs: number | null
  latencyDeviationMs: number | null
  referral: number
  referralWeight: number
  lastOutcome: PeerScore['lastOutcome'] | null
  /** ms since the epoch */
  updatedAt: number
  /** Best first */
  addresses: Array<{ multiaddr: string, reliability: number }>
  /** Why it has its score, most important first */
  reasons: string[]
}

/**
 * A peer that others have named and that was not asked yet
 */
export interface NamedPeerReport {
  peer: string
  class: 'named'
  /** Who named it first */
  referrer: string
  /** When it was last named, ms since the epoch */
  namedAt: number
  /** Best first */
  addresses: Array<{ multiaddr: string, reliability: number }>
  /** Where it is known from */
  reasons: string[]
}

/**
 * What a store holds
 */
export interface StoreReport {
  location: string
  /** How many peers the store holds */
  size: number
  counts: Record<PeerReport['class'], number>
  unreadable: Array<Pick<UnreadableEntry, 'key' | 'reason'>>
  /** Best score first; then those that were only named, the latest first */
  peers: PeerReport[]
}

/**
 * Reads an open store and judges its peers as a node with default parameters would
 * that starts from it now.
 *
 * @param now - ms since the epoch
 */
export async function reportOnStore (store: ScoreStore, location: string, now: number): Promise<StoreReport> {
  const stored = new Map<string, StoredScoredPeer>()
  const named: NamedPeerReport[] = []
  const scores = new PeerScores<string>({ parameters: PARAMETERS })
  const unreadable: StoreReport['unreadable'] = []

  for await (const peer of store.load(({ key, reason }) => { unreadable.push({ key, reason }) })) {
    const id = idOf(peer.peer)

    if (peer.naming === undefined) {
      stored.set(id, peer)
      scores.restore(id, peer.score)
    } else {
      named.push(reportOnNamedPeer(id, peer))
    }
  }

  const scored = scores.top(stored.size, now).flatMap(({ peer }) => {
    const entry = stored.get(peer)

    return entry === undefined ? [] : [reportOnPeer(peer, entry, scores.explain(peer, now))]
  })

  return {
    location,
    size: stored.size + named.length,
    counts: { ...scores.counts(now), named: named.length },
    unreadable,
    peers: [...scored, ...named.sort((a, b) => b.namedAt - a.namedAt)]
  }
}

function reportOnNamedPeer (peer: string, { naming, addresses }: StoredNamedPeer): NamedPeerReport {
  const referrer = idOf(naming.referrer)

  return {
    peer,
    class: 'named',
    referrer,
    namedAt: naming.namedAt,
    addresses: addresses.map(readable),
    reasons: [`named by ${referrer}, and not asked yet`]
  }
}

function reportOnPeer (peer: string, { score, addresses }: StoredScoredPeer, explanation: ExplainedScore): ScoredPeerReport {
  return {
    peer,
    class: explanation.peerClass,
    score: explanation.score,
    reliability: score.reliability,
    weight: score.weight,
    latencyMs: score.latencyMs ?? null,
    latencyDeviationMs: score.latencyDeviationMs ?? null,
    referral: score.referral,
    referralWeight: score.referralWeight,
    lastOutcome: score.lastOutcome ?? null,
    updatedAt: score.updatedAt,
    addresses: addresses.map(readable),
    reasons: explanation.reasons
  }
}

function readable ({ multiaddr, reliability }: StoredAddress): { multiaddr: string, reliability: number } {
  return { multiaddr: textOf(multiaddr), reliability }
}

/** A peer id's text is its multihash in base58 */
function idOf (multihash: Uint8Array): string {
  return uint8ArrayToString(multihash, 'base58btc')
}

function textOf (bytes: Uint8Array): string {
  try {
    return multiaddr(bytes).toString()
  } catch {
    // of a protocol that this release does not know
    return `0x${uint8ArrayToString(bytes, 'base16')}`
  }
}
