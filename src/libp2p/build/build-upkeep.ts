import drain from 'it-drain'
import { pipe } from 'it-pipe'
import { Maintenance } from '../maintenance.ts'
import { Introductions } from '../peers/introductions.ts'
import { KeepAlive } from '../peers/keep-alive.ts'
import { WarmStart } from '../peers/warm-start.ts'
import { ConnectionLosses } from '../streams/connection-losses.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { KadDHTInternals } from '../../kad-dht/internals.ts'

/** Peers considered for a keep-alive tag, best first: some of them are not connected */
const KEEP_ALIVE_CANDIDATES = 200

/** The parts that do what a node does by itself */
export interface UpkeepParts {
  introductions: Introductions
  connectionLosses: ConnectionLosses
  warmStart: WarmStart
  keepAlive: KeepAlive
  maintenance: Maintenance
}

/**
 * Build what a node does outside its user's operations
 */
export function buildUpkeep (settings: ServiceSettings, { table, book, speakers, keeper }: KnowledgeParts, { routingTable, peerRouting }: KadDHTInternals): UpkeepParts {
  const { components, options, protocol, log, clock: { now } } = settings
  const introductions = new Introductions(components, { routingTable, table, scores: table.scores, book, speakers, timeoutMs: settings.introductionTimeoutMs, now, log })
  const connectionLosses = new ConnectionLosses(components, peer => { table.scores.connectionLost(peer, now()) })
  const warmStart = new WarmStart(components, { routingTable, book, log })
  const keepAlive = new KeepAlive(components, { book, protocol, maxPeers: options.keepAlivePeers, now, log })
  const maintenance = new Maintenance({
    intervalMs: options.flushIntervalMs,
    tick: async () => {
      await keepAlive.update(table.best(KEEP_ALIVE_CANDIDATES, now()).map(({ peer }) => peer))
      // nothing here waits for the disk
      keeper.flush().catch(err => { log.error('could not store scores - %e', err) })
    },
    needsGoodPeers: () => table.needsGoodPeers(now()),
    search: async signal => pipe(peerRouting.getClosestPeers(crypto.getRandomValues(new Uint8Array(32)), { signal }), drain),
    now,
    log
  })

  return { introductions, connectionLosses, warmStart, keepAlive, maintenance }
}
