import type { KeyDatabaseInit } from './key-database.ts'
import type { UnreadableKey } from './published-key.ts'
import type { AbortOptions } from '@libp2p/interface'

/** Keys, all at once or as they come */
export type Keys<K> = AsyncIterable<K> | Iterable<K>

/**
 * Where published keys are kept, and the clock
 */
export type PublishedKeysInit = KeyDatabaseInit & {
  /** The time for what is stored, ms since the epoch */
  timeOfDay: () => number
  /**
   * Told of each entry that was skipped, where nobody else is
   *
   * @default nobody is told
   */
  onUnreadable?: (entry: UnreadableKey) => void
}

/**
 * How the time of a region is remembered
 */
export interface RegionSentOptions extends AbortOptions {
  /**
   * Later times that are known are wrong, as the clock was ahead: this one takes their place
   *
   * @default false
   */
  isLatest?: boolean
}

/**
 * What became of keys that were to be added
 */
export interface AddedKeys {
  /** They are new, and wait to be stored */
  added: number
  /** They have another value than before, and wait to be stored again */
  changed: number
  /** They were there before, so nothing changes */
  known: number
}

/**
 * How keys are added
 */
export interface AddKeysOptions extends AbortOptions {
  /**
   * Told after each batch what has become of the keys of this call, which were taken in their
   * order. What it is told of outlives a crash.
   *
   * @default nobody is told
   */
  onAdded?: (soFar: AddedKeys) => void
}

/**
 * Which keys are read
 */
export interface ReadKeysOptions extends AbortOptions {
  /**
   * Only the keys that wait to be stored
   *
   * @default false
   */
  onlyQueued?: boolean

  /**
   * Told of each entry that was skipped
   *
   * @default that of the database
   */
  onUnreadable?: (entry: UnreadableKey) => void
}
