import type { KBucketEntry, KBuckets } from '../routing-table/k-buckets.ts'
import type { InternalRoutingTable, KBucketPeer } from './internals.ts'

type Listener = Parameters<KBuckets<string>['subscribe']>[0]

/**
 * kad-dht's k-buckets, with peers known by `peerId.toString()`. It has to be told of
 * peers that enter or leave them, and is empty until it is attached.
 */
export class KadBuckets implements KBuckets<string> {
  readonly #listeners = new Set<Listener>()
  /** undefined before kad-dht is there */
  #routingTable: Pick<InternalRoutingTable, 'size' | 'kb'> | undefined

  * entries (): Generator<KBucketEntry<string>> {
    for (const peer of this.#routingTable?.kb.toIterable() ?? []) {
      yield entryOf(peer)
    }
  }

  subscribe (listener: Listener): void {
    this.#listeners.add(listener)
  }

  /**
   * kad-dht is built, after the parts that its components need: from now on these are its
   * buckets. Peers that are in them already are entered.
   */
  attach (routingTable: Pick<InternalRoutingTable, 'size' | 'kb'>): void {
    this.#routingTable = routingTable

    for (const peer of routingTable.kb.toIterable()) {
      this.added(peer)
    }
  }

  /**
   * A peer enters a bucket of kad-dht
   */
  added (peer: KBucketPeer): void {
    this.#listeners.forEach(listener => { listener.added(entryOf(peer)) })
  }

  /**
   * A peer leaves its bucket
   */
  removed (peer: KBucketPeer): void {
    this.#listeners.forEach(listener => { listener.removed(entryOf(peer)) })
  }
}

function entryOf ({ peerId, kadId }: KBucketPeer): KBucketEntry<string> {
  return { peer: peerId.toString(), kadId }
}
