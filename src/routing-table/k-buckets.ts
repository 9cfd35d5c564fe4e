import type { KadId } from '../keyspace/kad-id.ts'

/**
 * A peer in the k-buckets
 */
export interface KBucketEntry<P> {
  /** Opaque handle of the peer */
  peer: P
  kadId: KadId
}

/**
 * The k-buckets that a `ScoredRoutingTable` wraps: kad-dht's own on a live node,
 * the network model's in the simulator.
 */
export interface KBuckets<P> {
  /** How many peers are in the buckets */
  readonly size: number

  /** All peers in the buckets, in no particular order */
  entries (): Iterable<KBucketEntry<P>>

  /** The peer with this kad id, if it is in the buckets */
  get (kadId: KadId): P | undefined

  /**
   * Be told, synchronously, of every peer that enters or leaves the buckets.
   *
   * @returns Stops the notices
   */
  subscribe (listener: { added (entry: KBucketEntry<P>): void, removed (entry: KBucketEntry<P>): void }): () => void
}
