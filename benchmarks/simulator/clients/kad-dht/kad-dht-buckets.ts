import type { KadId } from '../../../../src/keyspace/kad-id.ts'
import type { KBucketEntry, KBuckets } from '../../../../src/routing-table/k-buckets.ts'

/** kad-dht splits its buckets by the first bits of the kad id, up to this many */
const PREFIX_BITS = 6

type Listener = Parameters<KBuckets<number>['subscribe']>[0]

/**
 * The k-buckets of kad-dht in their final shape: one for each prefix of 6 bits,
 * whatever the node's own place is.
 */
export class KadDHTBuckets implements KBuckets<number> {
  readonly #k: number
  readonly #kadId: (peer: number) => KadId
  readonly #buckets: number[][] = Array.from({ length: 2 ** PREFIX_BITS }, () => [])
  readonly #peers = new Set<number>()
  readonly #listeners = new Set<Listener>()

  constructor (k: number, kadId: (peer: number) => KadId) {
    this.#k = k
    this.#kadId = kadId
  }

  get size (): number {
    return this.#peers.size
  }

  * entries (): Iterable<KBucketEntry<number>> {
    for (const peer of this.#peers) {
      yield { peer, kadId: this.#kadId(peer) }
    }
  }

  get (kadId: KadId): number | undefined {
    return this.#bucket(kadId).find(peer => this.#kadId(peer) === kadId)
  }

  has (peer: number): boolean {
    return this.#peers.has(peer)
  }

  /** The peers in the bucket that a peer belongs to, the one that entered first first */
  bucketOf (peer: number): readonly number[] {
    return this.#bucket(this.#kadId(peer))
  }

  subscribe (listener: Listener): () => void {
    this.#listeners.add(listener)

    return () => { this.#listeners.delete(listener) }
  }

  /** @returns False when its bucket is full */
  add (peer: number): boolean {
    const kadId = this.#kadId(peer)
    const bucket = this.#bucket(kadId)

    if (this.#peers.has(peer)) {
      return true
    }

    if (bucket.length >= this.#k) {
      return false
    }

    bucket.push(peer)
    this.#peers.add(peer)
    this.#listeners.forEach(listener => { listener.added({ peer, kadId }) })

    return true
  }

  remove (peer: number): void {
    if (!this.#peers.delete(peer)) {
      return
    }

    const kadId = this.#kadId(peer)
    const bucket = this.#bucket(kadId)
    bucket.splice(bucket.indexOf(peer), 1)
    this.#listeners.forEach(listener => { listener.removed({ peer, kadId }) })
  }

  #bucket (kadId: KadId): number[] {
    return this.#buckets[kadId[0] >> (8 - PREFIX_BITS)]
  }
}
