import { Lifecycle } from '../lifecycle.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { UpkeepParts } from './build-upkeep.ts'

/**
 * Build what starts everything and stops it, each in its order
 *
 * @param kadDHT - As it is without us
 */
export function buildLifecycle (
  { clock: { now } }: ServiceSettings,
  { table, keeper }: KnowledgeParts,
  { connections }: ContactParts,
  { introductions, connectionLosses, upkeep }: UpkeepParts,
  kadDHT: { start: () => Promise<void>, stop: () => Promise<void> }
): Lifecycle {
  return new Lifecycle({
    begin: async signal => {
      await keeper.start(signal)
      signal.throwIfAborted()
      await kadDHT.start()
      introductions.start()
      connectionLosses.start()
      connections.start()
      upkeep.start()
    },
    afterStart: () => { upkeep.tell({ type: 'ready' }) },
    end: [
      () => { upkeep.stop() },
      () => { introductions.stop() },
      () => { connectionLosses.stop() },
      // what is under way is given up, which is nobody's fault
      () => { table.scores.interrupted(now()) },
      async () => { await kadDHT.stop() },
      () => { connections.stop() },
      async () => { await upkeep.ended() },
      async () => { await keeper.stop() },
      // kad-dht empties its buckets without a word
      () => { table.readBuckets() }
    ]
  })
}
