import type { PeerScore } from '../score/peer-score.ts'
import type { AbortOptions } from '@libp2p/interface'

/**
 * An address of a peer and how reliable it has been
 */
export interface StoredAddress {
  /** The multiaddr's bytes, without a trailing /p2p component */
  multiaddr: Uint8Array
  /** Running mean of dials that worked, 0 to 1; 0.5 when never dialled */
  reliability: number
}

/**
 * What a store keeps of a peer that was asked
 */
export interface StoredScoredPeer {
  /** The peer id's multihash bytes */
  peer: Uint8Array
  score: PeerScore
  naming?: undefined
  /** Best first */
  addresses: StoredAddress[]
}

/**
 * What a store keeps of a peer that others have named and that was not asked yet. It has no score.
 */
export interface StoredNamedPeer {
  /** The peer id's multihash bytes */
  peer: Uint8Array
  score?: undefined
  naming: StoredNaming
  /** Best first */
  addresses: StoredAddress[]
}

/**
 * Who has named a peer, and when
 */
export interface StoredNaming {
  /** The multihash bytes of the peer id of the one that named it first */
  referrer: Uint8Array
  /** When it was last named, ms since the epoch; it may be an hour behind */
  namedAt: number
}

/**
 * What a store keeps of one peer: its score or, as long as it was not asked, who named it
 */
export type StoredPeer = StoredScoredPeer | StoredNamedPeer

/**
 * An entry that could not be read. It is skipped, and nothing else is lost.
 */
export interface UnreadableEntry {
  /** The store's own key, printable */
  key: string
  /** The multihash bytes by which the entry can be deleted; undefined when the key can't be read either */
  peer: Uint8Array | undefined
  reason: 'damaged' | 'unknown-version'
}

/**
 * Keeps scores across restarts. The node opens its store when it starts and closes it when
 * it stops. When a method fails, the node closes the store and opens it again later; what
 * went wrong is logged once. Any error will do, and a `ScoreStoreError` also tells the kind
 * of trouble. One call follows another, but one that takes longer than 5 s is no longer
 * waited for.
 *
 * Numbers come back as they were written, at least to the precision of float32, and the
 * reliability of addresses to 1/254. A peer that comes back as something else counts as
 * damaged: it is deleted, and no other is lost. Some peers have a score and some have a
 * naming in its place; a peer that is written again may change from one to the other.
 */
export interface ScoreStore {
  /** What it is called in messages, as `score store at ./peer-scores` */
  readonly name?: string

  /**
   * Make the store ready. A store that is open stays so.
   *
   * @throws {ScoreStoreError} The store is locked by another process or can't be read; the message names its path, the reason and what to do
   */
  open (options?: AbortOptions): Promise<void>

  /**
   * Every readable peer, in no particular order
   *
   * @param onUnreadable - Told of each entry that was skipped
   */
  load (onUnreadable: (entry: UnreadableEntry) => void, options?: AbortOptions): AsyncIterable<StoredPeer>

  /**
   * Write and delete in one batch. After a crash either all of it is done or nothing.
   *
   * @param batch - Peers to write, and the multihash bytes of peers to delete
   */
  write (batch: { put: StoredPeer[], delete: Uint8Array[] }, options?: AbortOptions): Promise<void>

  /** Forget every peer of this store, even where a later release wrote the record */
  clear (options?: AbortOptions): Promise<void>

  /** Let go of the store; it may be opened again. A store that is not open does not mind */
  close (): Promise<void>

  /**
   * Move the damaged store out of the way, under another name, so that `open` begins a new
   * one. The store is closed first. A store that can't do this leaves the method out.
   *
   * @returns Where the damaged store is now; undefined when there was none
   * @throws {ScoreStoreError} The store can't be moved, or may be another program's
   */
  setAside? (): Promise<string | undefined>
}
