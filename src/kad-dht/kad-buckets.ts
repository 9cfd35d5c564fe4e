import type { KBucketEntry, KBuckets } from '../routing-table/k-buckets.ts'
import type { InternalRoutingTable, KBucketPeer } from './internals.ts'
import type { KadId } from '../keyspace/kad-id.ts'

type Listener = Parameters<KBuckets<string>['subscribe']>[0]

/**
 * kad-dht's k-buckets, with peers known by `peerId.toString()`
 */
export class KadBuckets implements KBuckets<string> {
  private readonly routingTable: InternalRoutingTable
  private readonly listeners = new Set<Listener>()

  constructor (routingTable: InternalRoutingTable) {
    this.routingTable = routingTable

    // the events `peer:add` and `peer:remove` come late or not at all: they wait for the peer store
    const { kb } = routingTable
    const onAdd = kb.onAdd
    const onRemove = kb.onRemove

    kb.onAdd = async (peer, bucket, options) => {
      this.listeners.forEach(listener => { listener.added(entryOf(peer)) })
      await onAdd(peer, bucket, options)
    }
    kb.onRemove = async (peer, bucket, options) => {
      this.listeners.forEach(listener => { listener.removed(entryOf(peer)) })
      await onRemove(peer, bucket, options)
    }
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
}

function entryOf ({ peerId, kadId }: KBucketPeer): KBucketEntry<string> {
  return { peer: peerId.toString(), kadId }
}
