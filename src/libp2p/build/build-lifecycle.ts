import { HiddenPage } from '../hidden-page.ts'
import { Lifecycle } from '../lifecycle.ts'
import type { BulkParts } from './build-bulk.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { UpkeepParts } from './build-upkeep.ts'
import type { SingleKadDHT } from '@libp2p/kad-dht'

/**
 * Build the part that starts and stops all others in the right order
 *
 * @param kadDHT - kad-dht's own methods
 */
export function buildLifecycle (
  { protocol, log, clock: { now } }: ServiceSettings,
  { table, keeper }: KnowledgeParts,
  { connections }: ContactParts,
  { introductions, connectionLosses, upkeep }: UpkeepParts,
  { reprovider, closeKeys }: BulkParts,
  kadDHT: Pick<SingleKadDHT, 'getMode'> & { start: () => Promise<void>, stop: () => Promise<void> }
): Lifecycle {
  const hiddenPage = new HiddenPage(() => { keeper.flush().catch(() => {}) })

  return new Lifecycle({
    begin: async signal => {
      await keeper.start(signal)
      signal.throwIfAborted()
      await kadDHT.start()
      introductions.start()
      connectionLosses.start()
      connections.start()
      upkeep.start()
      reprovider.start()
      hiddenPage.start()

      if (!signal.aborted) {
        // a node may keep another DHT than its user thinks: this line shows that it has ours
        log('scoredKadDHT started on %s in %s mode, with %d scores from %s', protocol, kadDHT.getMode(), table.scores.size, keeper.storeName)
      }
    },
    afterStart: () => { upkeep.tell({ type: 'ready' }) },
    end: [
      () => { hiddenPage.stop() },
      () => { upkeep.stop() },
      () => { reprovider.stop() },
      () => { introductions.stop() },
      () => { connectionLosses.stop() },
      // requests that are under way are given up, which is not the fault of the peers
      () => { table.scores.interrupted(now()) },
      async () => { await kadDHT.stop() },
      () => { connections.stop() },
      async () => { await upkeep.ended() },
      closeKeys,
      async () => { await keeper.stop() },
      // kad-dht empties its buckets without a notice to our table
      () => { table.readBuckets() }
    ]
  })
}
