import { createSelector } from '../lookup/create-selector.ts'
import { LookupPeers } from '../lookup/lookup-peers.ts'
import { LookupRunner } from '../lookup/lookup-runner.ts'
import { OutcomeObserver } from '../lookup/outcome-observer.ts'
import { Publisher } from '../publish/publisher.ts'
import { Lookups } from '../../lookup/lookups.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { UpkeepParts } from './build-upkeep.ts'
import type { KadDHTInternals } from '../../kad-dht/internals.ts'
import type { KadId } from '../../keyspace/kad-id.ts'

/** The parts that run lookups and observe the outcomes of requests */
export interface LookupParts {
  observer: OutcomeObserver
  runner: LookupRunner
  publisher: Publisher
  lookups: Lookups<string>
}

/**
 * Build the parts that replace kad-dht's lookups
 *
 * @param onLookedUp - Called with the target of each lookup that had an answer; returns the length of its common prefix with us, bits
 */
export function buildLookups (
  settings: ServiceSettings,
  { table, book, speakers, metrics }: KnowledgeParts,
  { requests, contexts, standstills }: ContactParts,
  { introductions, upkeep }: UpkeepParts,
  { queryManager, network, routingTable, peerRouting }: KadDHTInternals,
  onLookedUp: (target: KadId) => number | undefined
): LookupParts {
  const { components, options, timeouts, logPrefix, log, clock: { now } } = settings
  const observer = new OutcomeObserver(components, {
    requests,
    contexts,
    standstills,
    now,
    verify: async (record, key) => peerRouting._verifyRecordOnline(record, key),
    onUnsupported: peer => { speakers.refused(peer) }
  })
  const lookups = new Lookups({
    table,
    selector: createSelector(options, { log, onInvalidChoice: () => { metrics.invalidChoice() } }),
    parameters: options.lookup,
    timeouts,
    self: components.peerId.toString()
  })
  const runner = new LookupRunner(components, {
    queryManager,
    routingTable,
    lookups,
    peers: new LookupPeers(components, { routingTable, lookups, book, now }),
    disjointPaths: options.lookup.disjointPaths,
    contexts,
    logPrefix,
    now,
    onWait: () => introductions.waitBegins(),
    onLookup: target => {
      upkeep.tell({ type: 'lookupBegan' })

      return answered => { upkeep.tell({ type: 'lookupEnded', prefixLength: answered ? onLookedUp(target) : undefined }) }
    },
    onStep: step => {
      metrics.decided(step.actions)
      options.onLookupStep?.(step)
    }
  })

  const publisher = new Publisher({
    lookups,
    parameters: settings.publishing,
    k: options.lookup.k,
    queryManager,
    network,
    contexts,
    requests,
    timeoutMs: timeouts.minMs,
    self: components.peerId,
    onStore: result => { metrics.stored(result) },
    now,
    log
  })

  return { observer, runner, publisher, lookups }
}
