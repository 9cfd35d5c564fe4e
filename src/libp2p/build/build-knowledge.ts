import { Notice } from '../notice.ts'
import { DHTSpeakers } from '../peers/dht-speakers.ts'
import { PeerBook } from '../peers/peer-book.ts'
import { PeerMemory } from '../peers/peer-memory.ts'
import { ScoreBook } from '../peers/score-book.ts'
import { ScoreMetrics } from '../score-metrics.ts'
import { createScoreStore } from '../store/create-score-store.ts'
import { ScoreKeeper } from '../store/score-keeper.ts'
import { PeerScores } from '../../routing-table/peer-scores.ts'
import { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { KBuckets } from '../../routing-table/k-buckets.ts'
import type { Outcome } from '../../score/outcome.ts'

/** Peers without a score whose addresses are kept */
const MAX_STRANGERS = 10_000

/** The parts that hold what the node knows of its peers */
export interface KnowledgeParts {
  scores: PeerScores<string>
  table: ScoredRoutingTable<string>
  book: PeerBook
  speakers: DHTSpeakers
  metrics: ScoreMetrics
  keeper: ScoreKeeper
  memory: PeerMemory
  /** The scores as the user sees them: `dht.scores` */
  scoreBook: ScoreBook
}

/** What the scores and the table tell to parts that are built after them */
interface Notices {
  /** The record of a peer changed */
  changed: Notice<[peer: string]>
  /** A peer was forgotten to stay within the limit */
  evicted: Notice<[peer: string]>
  /** The stand-in of a peer changed */
  standIn: Notice<[peer: string]>
  /** An outcome was counted */
  outcome: Notice<[peer: string, outcome: Outcome]>
}

/**
 * Build what the node knows: all else is built on it
 *
 * @param buckets - kad-dht's
 */
export function buildKnowledge (settings: ServiceSettings, buckets: KBuckets<string>): KnowledgeParts {
  const { components, options, protocol, metricsPrefix, peerInfoMapper, clock: { now } } = settings
  const notices: Notices = { changed: new Notice(), evicted: new Notice(), standIn: new Notice(), outcome: new Notice() }
  const scores = new PeerScores<string>({
    parameters: options.score,
    onChange: notices.changed.tell,
    onEvict: notices.evicted.tell,
    onOutcome: notices.outcome.tell
  })
  const table = new ScoredRoutingTable({
    buckets,
    scores,
    k: options.lookup.k,
    minGoodPeers: options.minGoodPeers,
    maxReplacements: options.maxReplacements,
    localPeer: components.peerId.toString(),
    onStandInChange: notices.standIn.tell
  })
  const book = new PeerBook(components, { maxPeers: options.score.maxPeers + MAX_STRANGERS, keeps: peer => scores.has(peer), peerInfoMapper, now })
  const speakers = new DHTSpeakers(components, protocol)
  const metrics = new ScoreMetrics(components.metrics, {
    metricsPrefix,
    counts: () => scores.counts(now()),
    replacementsInUse: () => table.replacementsInUse(now())
  })
  const keeper = buildKeeper(settings, { scores, table, book, metrics })
  const memory = new PeerMemory({ scores, table, book, speakers, keeper, now })
  const parts = { scores, table, book, speakers, metrics, keeper, memory, scoreBook: new ScoreBook({ scores, table, book, memory, now }) }

  subscribe(notices, parts, settings)

  return parts
}

function buildKeeper (settings: ServiceSettings, { scores, table, book, metrics }: Pick<KnowledgeParts, 'scores' | 'table' | 'book' | 'metrics'>): ScoreKeeper {
  const { components, options, protocol, datastorePrefix, log, clock } = settings

  return new ScoreKeeper({
    store: createScoreStore(components, options, protocol, datastorePrefix),
    strict: options.strictStore,
    scores,
    table,
    book,
    maxPeers: options.score.maxPeers,
    log,
    clock,
    onUnreadable: ({ reason }) => { metrics.unreadableEntry(reason) },
    onFlushed: timeMs => { metrics.flushed(timeMs) },
    onFailure: problem => { metrics.storeFailed(problem) }
  })
}

/** The table first, so that all others find it up to date */
function subscribe (notices: Notices, { table, keeper, metrics, memory }: KnowledgeParts, { log }: ServiceSettings): void {
  notices.changed.subscribe(peer => { table.scoreChanged(peer) })
  notices.evicted.subscribe(peer => { table.forget(peer) })

  for (const notice of [notices.changed, notices.evicted, notices.standIn]) {
    notice.subscribe(peer => { keeper.changed(peer) })
  }

  notices.outcome.subscribe((peer, outcome) => {
    metrics.outcome(outcome)
    memory.remember(peer, outcome).catch(err => { log.error('could not remember %s - %e', peer, err) })
  })
}
