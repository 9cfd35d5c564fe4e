import { Lifecycle } from '../lifecycle.ts'
import type { ContactParts } from './build-contacts.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'
import type { UpkeepParts } from './build-upkeep.ts'

/** What runs between `start` and `stop` besides our own parts */
export interface RunningParts {
  /** kad-dht as it is without us */
  kadDHT: { start: () => Promise<void>, stop: () => Promise<void> }
  refresh: { start: () => void, stop: () => void }
}

/**
 * Build what starts everything and stops it, each in its order
 */
export function buildLifecycle ({ options, log, clock: { now } }: ServiceSettings, { table, keeper }: KnowledgeParts, { connections }: ContactParts, upkeep: UpkeepParts, { kadDHT, refresh }: RunningParts): Lifecycle {
  const { introductions, connectionLosses, warmStart, keepAlive, maintenance } = upkeep

  return new Lifecycle({
    begin: async signal => {
      await keeper.start(signal)
      signal.throwIfAborted()
      await kadDHT.start()
      introductions.start()
      connectionLosses.start()
      connections.start()
      refresh.start()
      maintenance.start()
    },
    afterStart: () => {
      warmStart.run(table.best(options.warmStartDials, now()).map(({ peer }) => peer)).catch(err => { log.error('warm start failed - %e', err) })
    },
    end: [
      () => { warmStart.stop() },
      () => { refresh.stop() },
      () => { introductions.stop() },
      () => { connectionLosses.stop() },
      // what is under way is given up, which is nobody's fault
      () => { table.scores.interrupted(now()) },
      async () => { await kadDHT.stop() },
      () => { connections.stop() },
      async () => { await maintenance.stop() },
      async () => { await keepAlive.update([]) },
      async () => { await keeper.stop() },
      // kad-dht empties its buckets without a word
      () => { table.readBuckets() }
    ]
  })
}
