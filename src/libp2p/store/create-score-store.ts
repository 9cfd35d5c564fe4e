import { LevelScoreStore } from '../../persistence/level-score-store.ts'
import { DatastoreScoreStore } from '../../persistence/datastore-score-store.ts'
import type { ScoringOptions } from '../scoring-options.ts'
import type { ScoreStore } from '../../persistence/score-store.ts'
import type { PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** As kad-dht has it */
const DATASTORE_PREFIX = '/dht'

/**
 * The store that the options ask for: the user's own, at a location, in a database
 * of the user's, or else in the node's datastore
 *
 * @param protocol - Scores are of peers that speak it
 */
export function createScoreStore (
  { datastore, peerId }: { datastore: Datastore, peerId: PeerId },
  { location, level, store }: Pick<ScoringOptions, 'location' | 'level' | 'store'>,
  protocol: string,
  datastorePrefix: string = DATASTORE_PREFIX
): ScoreStore {
  if (store !== undefined) {
    return store
  }

  if (location !== undefined) {
    return new LevelScoreStore({ location })
  }

  if (level !== undefined) {
    return new LevelScoreStore({ db: level, prefix: protocol, owner: peerId.toString() })
  }

  return new DatastoreScoreStore({ datastore, prefix: `${datastorePrefix}/peer-scores${protocol}` })
}
