import { kadDHT } from '@libp2p/kad-dht'
import { systemClock } from './libp2p/clock.ts'
import { buildBulk } from './libp2p/build/build-bulk.ts'
import { buildContacts } from './libp2p/build/build-contacts.ts'
import { buildKnowledge } from './libp2p/build/build-knowledge.ts'
import { buildLifecycle } from './libp2p/build/build-lifecycle.ts'
import { buildLookups } from './libp2p/build/build-lookups.ts'
import { buildUpkeep } from './libp2p/build/build-upkeep.ts'
import { serviceSettings } from './libp2p/build/service-settings.ts'
import { kadDHTInternals } from './kad-dht/internals.ts'
import { KadBuckets } from './kad-dht/kad-buckets.ts'
import { applyOverrides } from './kad-dht/overrides.ts'
import { rememberPings } from './kad-dht/remember-pings.ts'
import { TableRefresh } from './kad-dht/table-refresh.ts'
import { validatePublishingInit } from './libp2p/publish/publishing-options.ts'
import { validateScoringInit } from './libp2p/scoring-options.ts'
import type { KadDHTInternals } from './kad-dht/internals.ts'
import type { ContactParts } from './libp2p/build/build-contacts.ts'
import type { ServiceSettings } from './libp2p/build/service-settings.ts'
import type { ScoreBook } from './libp2p/peers/score-book.ts'
import type { ProvidesBook } from './libp2p/publish/bulk/provides-book.ts'
import type { BulkPublisher } from './libp2p/publish/bulk/bulk-publisher.ts'
import type { PublishingInit } from './libp2p/publish/publishing-options.ts'
import type { ScoringInit } from './libp2p/scoring-init.ts'
import type { ScoredRoutingTable } from './routing-table/scored-routing-table.ts'
import type { KadDHTComponents, KadDHTInit, SingleKadDHT } from '@libp2p/kad-dht'

/**
 * A kad-dht service with scores
 */
export interface ScoredKadDHT extends SingleKadDHT {
  /** The scores of the node's peers */
  readonly scores: ScoreBook
  /** The table of scores, contacts and places. Each peer is given as `peerId.toString()`. */
  readonly scoredRoutingTable: ScoredRoutingTable<string>
  /** Provide many CIDs, region by region */
  readonly provideMany: BulkPublisher['provideMany']
  /** Put many values, region by region */
  readonly putMany: BulkPublisher['putMany']
  /** What this node publishes in bulk */
  readonly provides: ProvidesBook
}

/**
 * Every option of kad-dht, and those of scoring
 */
export interface ScoredKadDHTInit extends KadDHTInit {
  /** The options of scoring */
  scoring?: ScoringInit
  /** The options of puts: of `provide`, `put` and whatever calls these */
  publishing?: PublishingInit
}

/**
 * Creates a DHT that remembers which peers are worth asking. It is used in place of
 * `kadDHT()`, and keeps every option, method, event and metric of that.
 *
 * @example
 * ```ts
 * const node = await createLibp2p({
 *   services: {
 *     identify: identify(),
 *     ping: ping(),
 *     dht: scoredKadDHT({ protocol: '/ipfs/kad/1.0.0', scoring: { location: './peer-scores' } })
 *   }
 * })
 * ```
 *
 * @throws {InvalidParametersError} An option of scoring or publishing is unknown or out of its range
 * @throws {IncompatibleKadDHTError} When the node is created: the installed kad-dht has another shape than the supported one
 * @throws {ScoreStoreError} When the node starts, with `strictStore`: the store is in use or can't be read
 */
export function scoredKadDHT (init: ScoredKadDHTInit = {}): (components: KadDHTComponents) => ScoredKadDHT {
  const { scoring = {}, publishing = {}, ...kadInit } = init
  const options = validateScoringInit(scoring, kadInit)
  const puts = validatePublishingInit(publishing, options.lookup.k)

  return components => build(serviceSettings(components, kadInit, options, puts, systemClock()), kadInit)
}

/**
 * Build the parts around an instance of kad-dht, each part from those before it. The same
 * instance is returned, because its inner parts refer to it.
 */
function build (settings: ServiceSettings, kadInit: KadDHTInit): KadDHTInternals & ScoredKadDHT {
  const { components: { peerId }, options, peerInfoMapper, timeouts, clock: { now, timeOfDay }, log } = settings
  const buckets = new KadBuckets()
  const knowledge = buildKnowledge(settings, buckets)
  const contacts = buildContacts(settings, knowledge)
  const dht = plainKadDHT(settings, kadInit, contacts)
  const { routingTable } = dht
  buckets.attach(routingTable)
  rememberPings(routingTable, { book: knowledge.book, timeOfDay })

  const refresh = new TableRefresh({ refresh: dht.routingTableRefresh, routingTable })
  const upkeep = buildUpkeep(settings, knowledge, contacts, dht, refresh)
  const lookups = buildLookups(settings, knowledge, contacts, upkeep, dht, target => refresh.lookedUp(target))
  const bulk = buildBulk(settings, knowledge, contacts, lookups, dht)
  const plain = { start: dht.start.bind(dht), stop: dht.stop.bind(dht), getMode: dht.getMode.bind(dht) }
  const lifecycle = buildLifecycle(settings, knowledge, contacts, upkeep, bulk, plain)

  return applyOverrides(dht, {
    ...knowledge,
    ...contacts,
    ...upkeep,
    ...lookups,
    ...bulk,
    buckets,
    refresh,
    lifecycle,
    peerId,
    k: options.lookup.k,
    datastore: settings.components.datastore,
    tracer: settings.components.metrics,
    peerInfoMapper,
    timeouts,
    now,
    log
  })
}

/**
 * An instance of kad-dht without overrides. Only its ping and its connection manager are ours.
 */
function plainKadDHT ({ components, upkeep }: ServiceSettings, kadInit: KadDHTInit, { ping, connections }: ContactParts): KadDHTInternals {
  const init: KadDHTInit = { routingTableUpdateQueueConcurrency: upkeep.introductionsAtOnce, routingTableUpdateMaxQueueSize: upkeep.maxWaitingIntroductions, ...kadInit }

  return kadDHTInternals(kadDHT(init)(Object.create(components, {
    ping: { value: ping.component },
    connectionManager: { value: connections.component }
  })))
}
