import { LookupPeers } from '../lookup/lookup-peers.ts'
import { LookupRunner } from '../lookup/lookup-runner.ts'
import { OutcomeObserver } from '../lookup/outcome-observer.ts'
import { EpsilonGreedySelector } from '../../selection/epsilon-greedy-selector.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { UpkeepParts } from './build-upkeep.ts'
import type { KadDHTInternals } from '../../kad-dht/internals.ts'
import type { KadId } from '../../keyspace/kad-id.ts'

/** The parts that run lookups and see what becomes of requests */
export interface LookupParts {
  observer: OutcomeObserver
  runner: LookupRunner
}

/**
 * Build what takes the place of kad-dht's lookups
 *
 * @param onLookedUp - Told of the target of each lookup that somebody answered
 */
export function buildLookups (
  settings: ServiceSettings,
  { scores, table, book, speakers, metrics }: KnowledgeParts,
  { contexts, standstills }: ContactParts,
  { introductions }: UpkeepParts,
  { queryManager, routingTable, peerRouting }: KadDHTInternals,
  onLookedUp: (target: KadId) => void
): LookupParts {
  const { components, options, timeouts, logPrefix, clock: { now } } = settings
  const observer = new OutcomeObserver(components, {
    scores,
    contexts,
    standstills,
    now,
    verify: async (record, key) => peerRouting._verifyRecordOnline(record, key),
    onUnsupported: peer => { speakers.refused(peer) }
  })
  const runner = new LookupRunner(components, {
    queryManager,
    routingTable,
    peers: new LookupPeers(components, { routingTable, scores, table, book, k: options.lookup.k, unacceptableThreshold: options.score.unacceptableThreshold, now, timeouts }),
    selector: options.selector ?? new EpsilonGreedySelector({ epsilon: options.epsilon, random: options.random }),
    parameters: options.lookup,
    observer,
    contexts,
    logPrefix,
    now,
    onWait: () => introductions.waitBegins(),
    onLookup: target => {
      const ended = introductions.lookupBegins()

      return answered => {
        ended()

        if (answered) {
          onLookedUp(target)
        }
      }
    },
    onStep: step => {
      metrics.decided(step.actions)
      options.onLookupStep?.(step)
    }
  })

  return { observer, runner }
}
