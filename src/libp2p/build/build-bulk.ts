import { BULK_LIMITS } from '../../parameters/bulk-limits.ts'
import { kadIdOf } from '../peers/kad-id-of.ts'
import { BulkPublisher } from '../publish/bulk/bulk-publisher.ts'
import { BulkRunner } from '../publish/bulk/bulk-runner.ts'
import { BulkSender } from '../publish/bulk/bulk-sender.ts'
import { publishedKeys } from '../publish/bulk/open-published-keys.ts'
import { ProvidesBook } from '../publish/bulk/provides-book.ts'
import { RegionLookups } from '../publish/bulk/region-lookups.ts'
import { Reprovider } from '../publish/bulk/reprovider.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { LookupParts } from './build-lookups.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { KadDHTInternals } from '../../kad-dht/internals.ts'

/** The parts that put many records at once, and again */
export interface BulkParts {
  bulk: BulkPublisher
  provides: ProvidesBook
  reprovider: Reprovider
  /** Resolves when no bulk put is under way any more, and the database of keys is closed */
  closeKeys: () => Promise<void>
}

/**
 * Build the parts that put many records at once
 */
export function buildBulk (
  { components, options, publishing, protocol, timeouts, clock: { now, timeOfDay }, log }: ServiceSettings,
  { book, metrics }: KnowledgeParts,
  { requests, contexts }: ContactParts,
  { lookups }: LookupParts,
  { network, peerRouting, queryManager }: KadDHTInternals
): BulkParts {
  const keys = publishedKeys({ options: publishing, datastore: components.datastore, protocol, timeOfDay, log })
  const self = components.peerId.toMultihash().bytes as Uint8Array<ArrayBuffer>
  const sender = new BulkSender({
    network,
    contexts,
    requests,
    timeoutMs: BULK_LIMITS.timeoutsPerSend * timeouts.minMs,
    now,
    self: () => ({ id: self, multiaddrs: components.addressManager.getAddresses().map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>) }),
    onStore: result => { metrics.stored(result) }
  })
  const runner = new BulkRunner({
    keys,
    lookups,
    regionLookups: new RegionLookups({ peerRouting, book, random: options.random, now }),
    sender,
    book,
    parameters: publishing.bulk,
    k: options.lookup.k,
    random: options.random,
    now,
    timeOfDay
  })
  const reprovider = new Reprovider({
    keys,
    runner,
    parameters: publishing.bulk,
    self: async () => kadIdOf(self),
    onPace: isFallingBehind => {
      log.error(isFallingBehind ? 'providing falls behind: more is due than this node sends' : 'providing has caught up')
      provides.safeDispatchEvent(isFallingBehind ? 'falling-behind' : 'caught-up')
    },
    now,
    timeOfDay,
    log
  })
  const provides = new ProvidesBook({ keys, runner, reprovider, isStarted: () => queryManager.running })

  return {
    bulk: new BulkPublisher({ keys, runner, isStarted: () => queryManager.running, hasAddress: () => components.addressManager.getAddresses().length > 0, shutDown: () => queryManager.shutDownController.signal }),
    provides,
    reprovider,
    closeKeys: async () => {
      await runner.idle()
      await keys.close()
    }
  }
}
