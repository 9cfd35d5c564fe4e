import type { KBucketEntry, KBuckets } from '../routing-table/k-buckets.ts'
import type { InternalRoutingTable, KBucketPeer } from './internals.ts'

type Listener = Parameters<KBuckets<string>['subscribe']>[0]

/**
 * kad-dht's k-buckets, with `peerId.toString()` for a peer. Every peer that enters or leaves
 * them must be reported by `added` or `removed`. The buckets are empty until `attach` is called.
 */
export class KadBuckets implements KBuckets<string> {
  readonly #listeners = new Set<Listener>()
  /** undefined until kad-dht is built */
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
   * kad-dht is built now: use its buckets from now on. Peers that are in them already are
   * reported to the listeners.
   */
  attach (routingTable: Pick<InternalRoutingTable, 'size' | 'kb'>): void {
    this.#routingTable = routingTable

    for (const peer of routingTable.kb.toIterable()) {
      this.added(peer)
    }
  }

  /**
   * Report that a peer enters a bucket of kad-dht
   */
  added (peer: KBucketPeer): void {
    this.#listeners.forEach(listener => { listener.added(entryOf(peer)) })
  }

  /**
   * Report that a peer leaves its bucket
   */
  removed (peer: KBucketPeer): void {
    this.#listeners.forEach(listener => { listener.removed(entryOf(peer)) })
  }
}

function entryOf ({ peerId, kadId }: KBucketPeer): KBucketEntry<string> {
  return { peer: peerId.toString(), kadId }
}
