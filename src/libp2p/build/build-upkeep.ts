import drain from 'it-drain'
import { pipe } from 'it-pipe'
import { Introductions } from '../peers/introductions.ts'
import { KeepAlive } from '../peers/keep-alive.ts'
import { WarmStart } from '../peers/warm-start.ts'
import { ConnectionLosses } from '../streams/connection-losses.ts'
import { isConnected } from '../streams/is-connected.ts'
import { UpkeepRunner } from '../upkeep-runner.ts'
import { Upkeep } from '../../upkeep/upkeep.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { UpkeepTasks } from '../upkeep-runner.ts'
import type { KadDHTInternals } from '../../kad-dht/internals.ts'

/** The parts that do what a node does by itself */
export interface UpkeepParts {
  introductions: Introductions
  connectionLosses: ConnectionLosses
  upkeep: UpkeepRunner
}

/**
 * Build the parts that do what a node does by itself
 *
 * @param refresh - Looks up a random key with a given length of the common prefix with us
 */
export function buildUpkeep (settings: ServiceSettings, knowledge: KnowledgeParts, contacts: Pick<ContactParts, 'ping'>, dht: KadDHTInternals, refresh: { lookUp: UpkeepTasks['refresh'], ended: () => void }): UpkeepParts {
  const { components, log, clock: { now } } = settings
  const { table, book, speakers } = knowledge
  const { routingTable } = dht
  const init = { routingTable, table, book, speakers, timeoutMs: settings.introductionTimeoutMs, now, log }
  const introductions: Introductions = new Introductions(components, { ...init, tell: fact => { upkeep.tell(fact) } })
  const upkeep = new UpkeepRunner({ upkeep: buildMachine(settings, knowledge, dht), tasks: buildTasks(settings, knowledge, contacts, dht, introductions, refresh), now, log })
  const connectionLosses = new ConnectionLosses(components, peer => { table.scores.connectionLost(peer, now()) })

  return { introductions, connectionLosses, upkeep }
}

function buildMachine ({ components, upkeep }: ServiceSettings, { table, book }: KnowledgeParts, { routingTable, routingTableRefresh }: KadDHTInternals): Upkeep<string> {
  const { connectionManager } = components

  return new Upkeep({
    // the refresh interval is read from kad-dht each time, where it may be changed
    parameters: { ...upkeep, get refreshIntervalMs () { return routingTableRefresh.refreshInterval } },
    table,
    isInBuckets: ({ kadId }) => routingTable.kb.get(kadId) !== undefined,
    deepestPrefix: () => routingTableRefresh._maxCommonPrefix(),
    isConnected: peer => isConnected(connectionManager, book.idOf(peer)),
    // the stub of the connection manager in kad-dht's tests has no such method
    maxConnections: () => connectionManager.getMaxConnections?.() ?? Infinity
  })
}

function buildTasks (
  { components, protocol }: ServiceSettings,
  { book, keeper }: KnowledgeParts,
  { ping }: Pick<ContactParts, 'ping'>,
  { routingTable, peerRouting }: KadDHTInternals,
  introductions: Introductions,
  refresh: { lookUp: UpkeepTasks['refresh'], ended: () => void }
): UpkeepTasks {
  const warmStart = new WarmStart(components, { routingTable, book })
  const keepAlive = new KeepAlive(components, { book, protocol })

  return {
    introduce: async (peer, signal) => introductions.introduce(peer, signal),
    admit: peer => { introductions.admit(peer) },
    dial: async (peer, signal) => warmStart.dial(peer, signal),
    verify: async (peer, signal) => ping.verify(book.idOf(peer), signal),
    refresh: async (prefixLength, signal) => refresh.lookUp(prefixLength, signal),
    refreshEnded: () => { refresh.ended() },
    search: async signal => pipe(peerRouting.getClosestPeers(crypto.getRandomValues(new Uint8Array(32)), { signal }), drain),
    keepAlive: async (peer, forMs) => keepAlive.tag(peer, forMs),
    save: async () => keeper.flush()
  }
}
