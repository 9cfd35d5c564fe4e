import { BULK_LIMITS } from '../../parameters/bulk-limits.ts'
import { BulkPublisher } from '../publish/bulk/bulk-publisher.ts'
import { BulkSender } from '../publish/bulk/bulk-sender.ts'
import { publishedKeys } from '../publish/bulk/open-published-keys.ts'
import { RegionLookups } from '../publish/bulk/region-lookups.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { LookupParts } from './build-lookups.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { KadDHTInternals } from '../../kad-dht/internals.ts'

/**
 * Build the part that puts many records at once
 */
export function buildBulk (
  { components, options, publishing, protocol, timeouts, clock: { now, timeOfDay }, log }: ServiceSettings,
  { book, metrics }: KnowledgeParts,
  { requests, contexts }: ContactParts,
  { lookups }: LookupParts,
  { network, peerRouting, queryManager }: KadDHTInternals
): BulkPublisher {
  return new BulkPublisher({
    keys: publishedKeys({ options: publishing, datastore: components.datastore, protocol, timeOfDay, log }),
    lookups,
    regionLookups: new RegionLookups({ peerRouting, book, random: options.random }),
    sender: new BulkSender({
      network,
      contexts,
      requests,
      timeoutMs: BULK_LIMITS.timeoutsPerSend * timeouts.minMs,
      now,
      self: () => ({
        id: components.peerId.toMultihash().bytes as Uint8Array<ArrayBuffer>,
        multiaddrs: components.addressManager.getAddresses().map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>)
      }),
      onStore: result => { metrics.stored(result) }
    }),
    book,
    parameters: publishing.bulk,
    k: options.lookup.k,
    random: options.random,
    now,
    timeOfDay,
    shutDown: () => queryManager.shutDownController.signal
  })
}
