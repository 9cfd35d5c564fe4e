import { kadDHT, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import drain from 'it-drain'
import { pipe } from 'it-pipe'
import { systemClock } from './libp2p/clock.ts'
import { ConnectionLosses } from './libp2p/streams/connection-losses.ts'
import { createScoreStore } from './libp2p/store/create-score-store.ts'
import { createSelector } from './libp2p/lookup/create-selector.ts'
import { DHTConnections } from './libp2p/streams/dht-connections.ts'
import { DHTSpeakers } from './libp2p/peers/dht-speakers.ts'
import { Introductions } from './libp2p/peers/introductions.ts'
import { KadBuckets } from './kad-dht/kad-buckets.ts'
import { kadDHTInternals } from './kad-dht/internals.ts'
import { KeepAlive } from './libp2p/peers/keep-alive.ts'
import { Lifecycle } from './libp2p/lifecycle.ts'
import { LookupPeers } from './libp2p/lookup/lookup-peers.ts'
import { LookupRunner } from './libp2p/lookup/lookup-runner.ts'
import { Maintenance } from './libp2p/maintenance.ts'
import { OutcomeObserver } from './libp2p/lookup/outcome-observer.ts'
import { applyOverrides } from './kad-dht/overrides.ts'
import { PeerBook } from './libp2p/peers/peer-book.ts'
import { RequestContexts } from './libp2p/lookup/request-context.ts'
import { KAD_DHT_DEFAULTS } from './parameters/kad-dht-defaults.ts'
import { requestTimeouts } from './parameters/request-timeouts.ts'
import { ScoreBook } from './libp2p/peers/score-book.ts'
import { ScoreKeeper } from './libp2p/store/score-keeper.ts'
import { ScoreMetrics } from './libp2p/score-metrics.ts'
import { ScoredPing } from './libp2p/peers/scored-ping.ts'
import { validateScoringInit } from './libp2p/scoring-options.ts'
import { StandstillWatch } from './libp2p/lookup/standstill-watch.ts'
import { TableRefresh } from './kad-dht/table-refresh.ts'
import { WarmStart } from './libp2p/peers/warm-start.ts'
import { ScoredRoutingTable } from './routing-table/scored-routing-table.ts'
import { PeerScores } from './routing-table/peer-scores.ts'
import type { KadDHTInternals } from './kad-dht/internals.ts'
import type { ScoringInit } from './libp2p/scoring-init.ts'
import type { ScoringOptions } from './libp2p/scoring-options.ts'
import type { Outcome } from './score/outcome.ts'
import type { Logger, PeerId } from '@libp2p/interface'
import type { KadDHTComponents, KadDHTInit, SingleKadDHT } from '@libp2p/kad-dht'

/** Peers without a score whose addresses are kept */
const MAX_STRANGERS = 10_000

/** Peers considered for a keep-alive tag, best first: some of them are not connected */
const KEEP_ALIVE_CANDIDATES = 200

/** Of kad-dht's shortest time-out of a ping: ours has to pass before it, as kad-dht's can't be told from a ping that is given up */
const PING_TIMEOUT_SHARE = 0.9

/** Additions to the routing table at once, each maybe a dial: they must not get in the way of those that a lookup asks */
const UPDATES_AT_ONCE = 4

/** Additions that wait; who was dropped will be named again */
const MAX_WAITING_UPDATES = 128

/**
 * A kad-dht service with scores
 */
export interface ScoredKadDHT extends SingleKadDHT {
  /** What the node thinks of its peers */
  readonly scores: ScoreBook
}

/**
 * Every option of kad-dht, and those of scoring
 */
export interface ScoredKadDHTInit extends KadDHTInit {
  /** Everything about scoring */
  scoring?: ScoringInit
}

/**
 * Creates a DHT that remembers which peers are worth asking: to be used in place
 * of `kadDHT()`, of which it keeps every option, method, event and metric.
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
 * @throws {InvalidParametersError} An option of scoring is unknown or out of its range
 * @throws {IncompatibleKadDHTError} From the factory: the installed kad-dht has another shape than the supported one
 * @throws {ScoreStoreError} When the node starts, with `strictStore`: the store is in use or can't be read
 */
export function scoredKadDHT (init: ScoredKadDHTInit = {}): (components: KadDHTComponents) => ScoredKadDHT {
  const { scoring = {}, ...kadInit } = init
  const options = validateScoringInit(scoring, kadInit)

  return components => new Scoring(components, kadInit, options).dht
}

/**
 * Puts the parts together around an instance of kad-dht, starts and stops them
 * with it. The instance itself is handed out, as its inner parts refer to it.
 */
class Scoring {
  readonly dht: KadDHTInternals & ScoredKadDHT
  private readonly options: ScoringOptions
  private readonly clock = systemClock()
  private readonly log: Logger
  private readonly book: PeerBook
  private readonly scores: PeerScores<string>
  private readonly table: ScoredRoutingTable<string>
  private readonly keeper: ScoreKeeper
  private readonly speakers: DHTSpeakers
  private readonly connections: DHTConnections
  private readonly introductions: Introductions
  private readonly warmStart: WarmStart
  private readonly keepAlive: KeepAlive
  private readonly refresh: TableRefresh
  private readonly maintenance: Maintenance
  private readonly connectionLosses: ConnectionLosses
  private readonly lifecycle: Lifecycle
  private readonly kadStart: () => Promise<void>
  private readonly kadStop: () => Promise<void>

  constructor (components: KadDHTComponents, kadInit: KadDHTInit, options: ScoringOptions) {
    this.options = options

    const { now } = this.clock
    const standstills = new StandstillWatch(now, () => { this.scores.interrupted(now()) })
    const log = this.log = components.logger.forComponent(`${kadInit.logPrefix ?? KAD_DHT_DEFAULTS.logPrefix}:scoring`)
    const peerInfoMapper = kadInit.peerInfoMapper ?? removePrivateAddressesMapper
    const timeouts = requestTimeouts(kadInit.networkDialTimeout)
    const pingTimeouts = [kadInit.pingNewContactTimeout, kadInit.pingOldContactTimeout].map(option => requestTimeouts(option))
    const contexts = new RequestContexts()
    const peerIdOf = (peer: string): PeerId => this.book.get(peer)?.id ?? peerIdFromString(peer)

    this.book = new PeerBook(components, { maxPeers: options.score.maxPeers + MAX_STRANGERS, keeps: peer => this.scores.has(peer), peerInfoMapper, now })
    this.scores = new PeerScores({
      parameters: options.score,
      onChange: peer => {
        this.table.scoreChanged(peer)
        this.keeper.changed(peer)
      },
      onEvict: peer => {
        this.table.forget(peer)
        this.keeper.changed(peer)
      },
      onOutcome: (peer, outcome) => {
        metrics.outcome(outcome)
        this.remember(peerIdOf(peer), outcome)
          .catch(err => { log.error('could not remember %s - %e', peer, err) })
      }
    })

    const observer = new OutcomeObserver(components, {
      scores: this.scores,
      contexts,
      standstills,
      now,
      verify: async (record, key) => this.dht.peerRouting._verifyRecordOnline(record, key),
      onUnsupported: peer => { this.speakers.refused(peer) }
    })
    const scoredPing = new ScoredPing(components, {
      scores: this.scores,
      observer,
      timeoutMs: Math.floor(PING_TIMEOUT_SHARE * Math.min(...pingTimeouts.map(({ minMs }) => minMs))),
      now,
      dial: async (peer, options) => this.connections.dial(peer, options),
      standstills,
      onAlive: peer => { this.refreshLastPing(peer) }
    })

    this.speakers = new DHTSpeakers(components, kadInit.protocol ?? KAD_DHT_DEFAULTS.protocol)
    this.connections = new DHTConnections(components, {
      book: this.book,
      contexts,
      speakers: this.speakers,
      connectDeadlineMs: peer => this.scores.connectDeadlineMs(peer, false),
      protocol: kadInit.protocol ?? KAD_DHT_DEFAULTS.protocol
    })

    const inner = kadDHTInternals(kadDHT({ routingTableUpdateQueueConcurrency: UPDATES_AT_ONCE, routingTableUpdateMaxQueueSize: MAX_WAITING_UPDATES, ...kadInit })(Object.create(components, {
      ping: { value: scoredPing.component },
      connectionManager: { value: this.connections.component }
    })))
    const { routingTable, queryManager } = inner

    this.kadStart = inner.start.bind(inner)
    this.kadStop = inner.stop.bind(inner)

    const buckets = new KadBuckets(routingTable)

    this.table = new ScoredRoutingTable({
      buckets,
      scores: this.scores,
      k: options.lookup.k,
      minGoodPeers: options.minGoodPeers,
      maxReplacements: options.maxReplacements,
      localPeer: components.peerId.toString(),
      onStandInChange: peer => { this.keeper.changed(peer) }
    })

    const metrics = new ScoreMetrics(components.metrics, {
      metricsPrefix: kadInit.metricsPrefix ?? KAD_DHT_DEFAULTS.metricsPrefix,
      counts: () => this.scores.counts(now()),
      replacementsInUse: () => this.table.replacementsInUse(now())
    })

    this.keeper = new ScoreKeeper({
      store: createScoreStore(components, options, kadInit.protocol ?? KAD_DHT_DEFAULTS.protocol, kadInit.datastorePrefix),
      strict: options.strictStore,
      scores: this.scores,
      table: this.table,
      book: this.book,
      peerIdOf,
      maxPeers: options.score.maxPeers,
      log,
      clock: this.clock,
      onUnreadable: ({ reason }) => { metrics.unreadableEntry(reason) },
      onFlushed: timeMs => { metrics.flushed(timeMs) },
      onFailure: problem => { metrics.storeFailed(problem) }
    })
    this.introductions = new Introductions(components, {
      routingTable,
      table: this.table,
      scores: this.scores,
      book: this.book,
      speakers: this.speakers,
      timeoutMs: kadInit.onPeerConnectTimeout ?? KAD_DHT_DEFAULTS.onPeerConnectTimeoutMs,
      now,
      log
    })
    this.connectionLosses = new ConnectionLosses(components, peer => { this.scores.connectionLost(peer, now()) })
    this.warmStart = new WarmStart(components, { routingTable, book: this.book, log })
    this.keepAlive = new KeepAlive(components, { book: this.book, protocol: kadInit.protocol ?? KAD_DHT_DEFAULTS.protocol, maxPeers: options.keepAlivePeers, now, log })
    this.refresh = new TableRefresh({ refresh: inner.routingTableRefresh, routingTable, now, log })
    this.maintenance = new Maintenance({
      intervalMs: options.flushIntervalMs,
      tick: async () => {
        await this.keepAlive.update(this.bestPeers(KEEP_ALIVE_CANDIDATES))
        // nothing here waits for the disk
        this.keeper.flush().catch(err => { log.error('could not store scores - %e', err) })
      },
      needsGoodPeers: () => this.table.needsGoodPeers(now()),
      search: async signal => pipe(inner.peerRouting.getClosestPeers(crypto.getRandomValues(new Uint8Array(32)), { signal }), drain),
      now,
      log
    })

    const runner = new LookupRunner(components, {
      queryManager,
      routingTable,
      peers: new LookupPeers(components, { routingTable, scores: this.scores, table: this.table, book: this.book, peerIdOf, k: options.lookup.k, unacceptableThreshold: options.score.unacceptableThreshold, now, timeouts }),
      selector: createSelector(options, { log, onInvalidChoice: () => { metrics.invalidChoice() } }),
      parameters: options.lookup,
      observer,
      contexts,
      logPrefix: kadInit.logPrefix ?? KAD_DHT_DEFAULTS.logPrefix,
      now,
      onWait: () => this.introductions.waitBegins(),
      onLookup: target => {
        const ended = this.introductions.lookupBegins()

        return answered => {
          ended()

          if (answered) {
            this.refresh.lookedUp(target)
          }
        }
      },
      onStep: step => {
        for (const action of step.actions) {
          if (action.type === 'query' && (action.reason === 'exploit' || action.reason === 'explore')) {
            metrics.choice(action.reason)
          }
        }

        options.onLookupStep?.(step)
      }
    })

    const scores = new ScoreBook({
      scores: this.scores,
      table: this.table,
      book: this.book,
      peerIdOf,
      now,
      forget: async peer => {
        this.forget(peer)
        await this.keeper.forget(peer)
      },
      forgetAll: async () => {
        [...this.scores.entries()].forEach(([peer]) => { this.forget(peer) })
        await this.keeper.forgetAll()
      }
    })

    this.lifecycle = new Lifecycle({
      begin: async signal => { await this.begin(signal) },
      end: [
        () => { this.warmStart.stop() },
        () => { this.refresh.stop() },
        () => { this.introductions.stop() },
        () => { this.connectionLosses.stop() },
        // what is under way is given up, which is nobody's fault
        () => { this.scores.interrupted(now()) },
        async () => { await this.kadStop() },
        () => { this.connections.stop() },
        async () => { await this.maintenance.stop() },
        async () => { await this.keepAlive.update([]) },
        async () => { await this.keeper.stop() },
        // kad-dht empties its buckets without a word
        () => { this.table.reset() }
      ]
    })

    this.dht = applyOverrides(inner, {
      peerId: components.peerId,
      k: options.lookup.k,
      peerInfoMapper,
      timeouts,
      peerIdOf,
      buckets,
      table: this.table,
      scores,
      contexts,
      observer,
      runner,
      speakers: this.speakers,
      introductions: this.introductions,
      refresh: this.refresh,
      ping: scoredPing,
      metrics,
      lifecycle: this.lifecycle,
      afterStart: () => { this.afterStart() },
      now,
      log
    })
  }

  private async begin (signal: AbortSignal): Promise<void> {
    await this.keeper.start(signal)
    signal.throwIfAborted()
    await this.kadStart()
    this.introductions.start()
    this.connectionLosses.start()
    this.connections.start()
    this.refresh.start()
    this.maintenance.start()
  }

  private afterStart (): void {
    if (this.lifecycle.isRunning) {
      this.warmStart.run(this.bestPeers(this.options.warmStartDials)).catch(err => { this.log.error('warm start failed - %e', err) })
    }
  }

  /** The good ones at the top of the priority stack */
  private bestPeers (count: number): string[] {
    const now = this.clock.now()

    return this.scores.top(count, now).map(({ peer }) => peer).filter(peer => this.scores.classOf(peer, now) === 'good' && !this.speakers.excludes(peer))
  }

  /**
   * Every peer with a score takes part in lookups while that score is good
   */
  private async remember (id: PeerId, outcome: Outcome): Promise<void> {
    const peer = id.toString()
    const entry = await this.book.add(id)
    const { kadId } = entry

    entry.triedAt = this.clock.now()
    entry.failsFast = outcome.type === 'dialFailed' && outcome.class === 'refused'

    const isOut = this.speakers.excludes(peer)

    if (this.scores.has(peer) && !isOut) {
      this.table.remember({ peer, kadId })
    }

    if (!isOut && (outcome.type === 'responded' || outcome.type === 'stored')) {
      this.table.heardOf({ peer, kadId }, 'answered', this.clock.now())
    }
  }

  /**
   * kad-dht sets this only when a peer enters the table and so asks survivors of a
   * ping again and again
   */
  private refreshLastPing (id: PeerId): void {
    const kadId = this.book.get(id.toString())?.kadId
    const contact = kadId == null ? undefined : this.dht.routingTable.kb.get(kadId)

    if (contact != null) {
      contact.lastPing = this.clock.timeOfDay()
    }
  }

  private forget (peer: string): void {
    this.keeper.changed(peer)
    this.scores.delete(peer)
    this.table.forget(peer)
    this.book.delete(peer)
  }
}
