import { Notice } from '../notice.ts'
import { DHTSpeakers } from '../peers/dht-speakers.ts'
import { PeerBook } from '../peers/peer-book.ts'
import { ScoreBook } from '../peers/score-book.ts'
import { ScoreMetrics } from '../score-metrics.ts'
import { createScoreStore } from '../store/create-score-store.ts'
import { ScoreKeeper } from '../store/score-keeper.ts'
import { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import { NODE_LIMITS } from '../../parameters/node-limits.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { KBuckets } from '../../routing-table/k-buckets.ts'
import type { Outcome } from '../../score/outcome.ts'

/** The parts that hold what the node knows of its peers */
export interface KnowledgeParts {
  table: ScoredRoutingTable<string>
  book: PeerBook
  speakers: DHTSpeakers
  metrics: ScoreMetrics
  keeper: ScoreKeeper
  /** The user's view of the scores: `dht.scores` */
  scoreBook: ScoreBook
}

/**
 * Build the parts that hold what the node knows of its peers. All other parts are built on them.
 *
 * @param buckets - kad-dht's k-buckets
 */
export function buildKnowledge (settings: ServiceSettings, buckets: KBuckets<string>): KnowledgeParts {
  const { components, options, protocol, metricsPrefix, peerInfoMapper, clock: { now } } = settings
  // by these the table tells parts that are built after it
  const changed = new Notice<[peer: string]>()
  const counted = new Notice<[peer: string, outcome: Outcome]>()
  const speakers = new DHTSpeakers(components, protocol)
  const table = new ScoredRoutingTable({
    buckets,
    parameters: options.score,
    k: options.lookup.k,
    minGoodPeers: options.minGoodPeers,
    maxReplacements: options.maxReplacements,
    maxNamedPeers: options.maxNamedPeers,
    localPeer: components.peerId.toString(),
    excludes: peer => speakers.excludes(peer),
    onChange: changed.tell,
    onOutcome: counted.tell
  })
  const book = new PeerBook(components, {
    maxPeers: options.score.maxPeers + options.maxNamedPeers + NODE_LIMITS.maxStrangers,
    keeps: peer => table.scores.has(peer) || table.namedPeer(peer) !== undefined,
    peerInfoMapper,
    now
  })
  const metrics = new ScoreMetrics(components.metrics, {
    metricsPrefix,
    counts: () => table.scores.counts(now()),
    replacementsInUse: () => table.replacementsInUse(now())
  })
  const keeper = buildKeeper(settings, { table, book, metrics })

  changed.subscribe(peer => { keeper.changed(peer) })
  counted.subscribe((_, outcome) => { metrics.outcome(outcome) })

  return { table, book, speakers, metrics, keeper, scoreBook: new ScoreBook({ table, book, keeper, now }) }
}

function buildKeeper (settings: ServiceSettings, { table, book, metrics }: Pick<KnowledgeParts, 'table' | 'book' | 'metrics'>): ScoreKeeper {
  const { components, options, protocol, datastorePrefix, log, clock } = settings

  return new ScoreKeeper({
    store: createScoreStore(components, options, protocol, datastorePrefix),
    strict: options.strictStore,
    table,
    book,
    maxPeers: options.score.maxPeers,
    maxNamedPeers: options.maxNamedPeers,
    log,
    clock,
    onUnreadable: ({ reason }) => { metrics.unreadableEntry(reason) },
    onFlushed: timeMs => { metrics.flushed(timeMs) },
    onFailure: problem => { metrics.storeFailed(problem) }
  })
}
