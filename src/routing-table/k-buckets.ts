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
  /** All peers in the buckets, in no particular order */
  entries (): Iterable<KBucketEntry<P>>

  /**
   * Be told, synchronously, of every peer that enters or leaves the buckets.
   */
  subscribe (listener: { added (entry: KBucketEntry<P>): void, removed (entry: KBucketEntry<P>): void }): void
}
