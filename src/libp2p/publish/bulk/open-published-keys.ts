import { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { Database } from '../../../persistence/database.ts'
import type { UnreadableKey } from '../../../persistence/published/published-key.ts'
import type { PublishingOptions } from '../publishing-options.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

export interface PublishedKeysSettings {
  options: Pick<PublishingOptions, 'location' | 'level'>
  datastore: Datastore
  /** The protocol of the DHT: each DHT of a node has its own keys */
  protocol: string
  timeOfDay: () => number
  log: Logger
}

/**
 * The database of published keys: where the user says, or in the node's datastore where that is a LevelDB.
 * With any other datastore the keys are in memory, and the log says so.
 */
export function publishedKeys ({ options: { location, level }, datastore, protocol, timeOfDay, log }: PublishedKeysSettings): PublishedKeys {
  const onUnreadable = ({ kadId, reason }: UnreadableKey): void => { log.error('a published key can not be read, and is left out: %b, %s', kadId, reason) }

  if (location !== undefined) {
    return new PublishedKeys({ location, timeOfDay, onUnreadable })
  }

  const db = level ?? databaseOf(datastore)

  if (db === undefined) {
    log('published keys are in memory only: set publishing.location to keep them over a restart')
  }

  return new PublishedKeys({ db: db ?? memory, prefix: `published${protocol}`, timeOfDay, onUnreadable })
}

/** Loaded when it is needed, so that it is no part of every bundle */
async function memory (): Promise<Database> {
  const { MemoryLevel } = await import('memory-level')

  return new MemoryLevel()
}

/** The LevelDB of a `LevelDatastore` */
function databaseOf (datastore: Datastore & { db?: Partial<Database> }): Database | undefined {
  return typeof datastore.db?.sublevel === 'function' ? datastore.db as Database : undefined
}
