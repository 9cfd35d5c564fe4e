import type { KadBuckets } from './kad-buckets.ts'
import type { KadDHTInternals } from './internals.ts'
import type { TableRefresh } from './table-refresh.ts'
import type { Lifecycle } from '../libp2p/lifecycle.ts'
import type { LookupRunner } from '../libp2p/lookup/lookup-runner.ts'
import type { OutcomeObserver } from '../libp2p/lookup/outcome-observer.ts'
import type { RequestContexts } from '../libp2p/lookup/request-context.ts'
import type { DHTSpeakers } from '../libp2p/peers/dht-speakers.ts'
import type { Introductions } from '../libp2p/peers/introductions.ts'
import type { PeerBook } from '../libp2p/peers/peer-book.ts'
import type { ScoreBook } from '../libp2p/peers/score-book.ts'
import type { ScoredPing } from '../libp2p/peers/scored-ping.ts'
import type { BulkPublisher } from '../libp2p/publish/bulk/bulk-publisher.ts'
import type { ProvidesBook } from '../libp2p/publish/bulk/provides-book.ts'
import type { Publisher } from '../libp2p/publish/publisher.ts'
import type { ScoreMetrics } from '../libp2p/score-metrics.ts'
import type { UpkeepRunner } from '../libp2p/upkeep-runner.ts'
import type { DHTConnections } from '../libp2p/streams/dht-connections.ts'
import type { RequestTimeouts } from '../parameters/request-timeouts.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { Logger, Metrics, PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import type { PeerInfoMapper } from '@libp2p/kad-dht'

/** The parts that the overrides use. The type of each override names the parts that it needs. */
export interface OverrideParts {
  /** The instance whose members are replaced */
  dht: KadDHTInternals
  /** The peer id of this node */
  peerId: PeerId
  /** Traces operations, where the node has a metrics service that does */
  tracer: Pick<Metrics, 'traceFunction'> | undefined
  /** Where the node keeps its records */
  datastore: Datastore
  /** Kademlia's k: how many closest peers an operation needs */
  k: number
  /** Removes the addresses that peers of this DHT can't use */
  peerInfoMapper: PeerInfoMapper
  /** How long a request may take */
  timeouts: RequestTimeouts
  book: Pick<PeerBook, 'idOf'>
  buckets: Pick<KadBuckets, 'added' | 'removed'>
  table: ScoredRoutingTable<string>
  scoreBook: ScoreBook
  contexts: RequestContexts
  observer: Pick<OutcomeObserver, 'observe'>
  runner: Pick<LookupRunner, 'run'>
  publisher: Pick<Publisher, 'provide' | 'put'>
  bulk: Pick<BulkPublisher, 'provideMany' | 'putMany'>
  provides: ProvidesBook
  connections: Pick<DHTConnections, 'endServing'>
  speakers: Pick<DHTSpeakers, 'excludes'>
  introductions: Pick<Introductions, 'hear'>
  upkeep: Pick<UpkeepRunner, 'tell' | 'bucketFull'>
  refresh: Pick<TableRefresh, 'ask'>
  ping: Pick<ScoredPing, 'insist'>
  metrics: Pick<ScoreMetrics, 'droppedEntries'>
  lifecycle: Pick<Lifecycle, 'start' | 'afterStart' | 'stop'>
  now: () => number
  log: Logger
}
