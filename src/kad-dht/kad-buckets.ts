import type { KBucketEntry, KBuckets } from '../routing-table/k-buckets.ts'
import type { InternalRoutingTable, KBucketPeer } from './internals.ts'
import type { KadId } from '../keyspace/kad-id.ts'

type Listener = Parameters<KBuckets<string>['subscribe']>[0]

/**
 * kad-dht's k-buckets, with peers known by `peerId.toString()`. It has to be told of
 * peers that enter or leave them.
 */
export class KadBuckets implements KBuckets<string> {
  private readonly routingTable: InternalRoutingTable
  private readonly listeners = new Set<Listener>()

  constructor (routingTable: InternalRoutingTable) {
    this.routingTable = routingTable
  }

  get size (): number {
    return this.routingTable.size
  }

  * entries (): Generator<KBucketEntry<string>> {
    for (const peer of this.routingTable.kb.toIterable()) {
      yield entryOf(peer)
    }
  }

  get (kadId: KadId): string | undefined {
    return this.routingTable.kb.get(kadId)?.peerId.toString()
  }

  subscribe (listener: Listener): () => void {
    this.listeners.add(listener)

    return () => { this.listeners.delete(listener) }
  }

  /**
   * A peer enters a bucket of kad-dht
   */
  added (peer: KBucketPeer): void {
    this.listeners.forEach(listener => { listener.added(entryOf(peer)) })
  }

  /**
   * A peer leaves its bucket
   */
  removed (peer: KBucketPeer): void {
    this.listeners.forEach(listener => { listener.removed(entryOf(peer)) })
  }
}

function entryOf ({ peerId, kadId }: KBucketPeer): KBucketEntry<string> {
  return { peer: peerId.toString(), kadId }
}
