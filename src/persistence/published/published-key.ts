import type { KadId } from '../../keyspace/kad-id.ts'
import type { CheckedRecord } from '../checked-record.ts'

/** What is stored under a key: that this node provides its content, or a value */
export type PublishedKind = 'provider' | 'value'

/**
 * Where a published key is in the database. A provider record and a value may have the same kad id.
 */
export interface KeyPlace {
  /** The SHA-256 hash of the key */
  kadId: KadId
  kind: PublishedKind
}

/**
 * A key under which this node is to be found as a provider
 */
export interface NewProviderKey extends KeyPlace {
  kind: 'provider'
  /** The multihash of the content */
  key: Uint8Array
  value?: undefined
}

/**
 * A key under which a value is to be found
 */
export interface NewValueKey extends KeyPlace {
  kind: 'value'
  /** The key, as `/ipns/` and a multihash */
  key: Uint8Array
  /** What is stored under it */
  value: Uint8Array
}

/**
 * A key that is to be published
 */
export type NewKey = NewProviderKey | NewValueKey

/**
 * A key that is in the database
 */
export type PublishedKey = NewKey & {
  /** When it was added, or its value changed last, ms since the epoch */
  addedAt: number
}

/**
 * An entry that can't be read. It is skipped, and nothing else is lost. A damaged one is also
 * deleted, and one of an unknown version is left for the release that wrote it.
 */
export interface UnreadableKey {
  /** By this it can be told which key it was: the SHA-256 hash of the key */
  kadId: KadId
  /** Undefined when that is not to be read either */
  kind: PublishedKind | undefined
  reason: Extract<CheckedRecord<never>, { type: 'unreadable' }>['reason']
}
