import { decodeStoredPeer, encodeStoredPeer } from '../../src/persistence/score-record-codec.ts'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { SCORE_RULES, validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { validateUpkeepParameters } from '../../src/parameters/upkeep-parameters.ts'
import { unmetPeer } from '../../src/score/score-formula.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { seededRandom } from '../random/seeded-random.ts'
import { testnetPeer } from '../testnet/testnet-peer.ts'
import { cycle } from './cycle.ts'
import { randomKadId } from './random-kad-id.ts'
import { recordLookup } from './recorded-lookup.ts'
import type { MicroOperation } from './micro-operation.ts'
import type { StoredPeer } from '../../src/persistence/score-store.ts'
import type { Outcome } from '../../src/score/outcome.ts'

/** About as many peers as a node meets within some days */
const SCORED_PEERS = 10_000

/** The most peers that have a score by default */
const MOST_SCORED_PEERS = SCORE_RULES.maxPeers.default

/** The largest number of candidates that a lookup chooses from */
const CANDIDATES = 20

/** /ip4/1.2.3.4/tcp/4001 and /ip4/1.2.3.4/udp/4001/quic-v1 */
const ADDRESSES = [
  Uint8Array.of(4, 1, 2, 3, 4, 6, 15, 161),
  Uint8Array.of(4, 1, 2, 3, 4, 145, 2, 15, 161, 205, 3)
]

const OUTCOMES: Outcome[] = [
  { type: 'responded', latencyMs: 120, setupMs: 400, dialled: true },
  { type: 'responded', latencyMs: 90, setupMs: 0, dialled: false },
  { type: 'timedOut', afterMs: 600 }
]

/**
 * The work of the core for each lookup, each answer and each choice. There is no
 * comparison with kad-dht: it keeps no scores, and its lookup cannot run without its
 * queues and events.
 */
export async function coreOperations (seed: number): Promise<MicroOperation[]> {
  return [oneLookup(seed), oneChoice(seed), scoreUpdate(), bestPeers(seed), ...await recordCodec(seed)]
}

function oneLookup (seed: number): MicroOperation {
  const { queries, events, replay } = recordLookup(seed)

  return { operation: `one lookup: ${queries} queries, ${events.length} facts`, arm: 'scored', by: 'Lookup.advance', run: replay }
}

function oneChoice (seed: number): MicroOperation {
  const random = seededRandom(seed, 'micro', 'choice')
  const candidates = Array.from({ length: CANDIDATES }, () => ({ distance: randomKadId(random), score: random(), expectedWaitMs: 100 * (1 + random()) }))
    .sort((a, b) => Buffer.compare(a.distance, b.distance))
  const selector = new EpsilonGreedySelector({ random })

  return { operation: `choice among ${CANDIDATES}`, arm: 'scored', by: 'EpsilonGreedySelector.select', run: () => selector.select(candidates) }
}

function scoreUpdate (): MicroOperation {
  const scores = new PeerScores<string>({ parameters: validateScoreParameters() })
  const peer = cycle(Array.from({ length: SCORED_PEERS }, (_, index) => `peer ${index}`))
  const outcome = cycle(OUTCOMES)
  let now = 0

  return { operation: `score update, ${SCORED_PEERS.toLocaleString('en')} peers`, arm: 'scored', by: 'PeerScores.record', run: () => { scores.record(peer(), outcome(), now++) } }
}

/** Each round of the upkeep chooses from these peers whose connections are kept */
function bestPeers (seed: number): MicroOperation {
  const random = seededRandom(seed, 'micro', 'best')
  const table = new ScoredRoutingTable<number>({ buckets: { entries: () => [], subscribe: () => {} }, localPeer: -1 })
  const { keepAliveCandidates } = validateUpkeepParameters()

  for (let peer = 0; peer < MOST_SCORED_PEERS; peer++) {
    table.restore({ peer, kadId: randomKadId(random) }, { ...unmetPeer(0), reliability: random(), referral: random() })
  }

  return {
    operation: `best ${keepAliveCandidates} of ${MOST_SCORED_PEERS.toLocaleString('en')} scores`,
    arm: 'scored',
    by: 'ScoredRoutingTable.best',
    run: () => table.best(keepAliveCandidates, 0)
  }
}

async function recordCodec (seed: number): Promise<MicroOperation[]> {
  const peer = (await testnetPeer(seed, 0)).id.toMultihash().bytes
  const stored: StoredPeer = {
    peer,
    score: {
      reliability: 0.9,
      weight: 12,
      latencyMs: 110,
      latencyDeviationMs: 14,
      referral: 0.7,
      referralWeight: 20,
      lastOutcome: 'responded',
      answeringSince: 1_699_999_000_000,
      answeredAt: 1_700_000_000_000,
      updatedAt: 1_700_000_000_000
    },
    addresses: ADDRESSES.map(multiaddr => ({ multiaddr, reliability: 0.5 }))
  }
  const bytes = encodeStoredPeer(stored)

  return [
    { operation: `score record to ${bytes.byteLength} bytes`, arm: 'scored', by: 'encodeStoredPeer', run: () => encodeStoredPeer(stored) },
    { operation: `score record from ${bytes.byteLength} bytes`, arm: 'scored', by: 'decodeStoredPeer', run: () => decodeStoredPeer(peer, bytes) }
  ]
}
