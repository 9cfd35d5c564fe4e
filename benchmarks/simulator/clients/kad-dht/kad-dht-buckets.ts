import { JS_KAD_DHT } from '../../tables/table-rules.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'
import type { KBucketEntry, KBuckets } from '../../../../src/routing-table/k-buckets.ts'

type Listener = Parameters<KBuckets<number>['subscribe']>[0]

/**
 * The k-buckets of kad-dht in their final shape: one for each prefix of 6 bits. The
 * node's own place in the keyspace plays no part in it.
 */
export class KadDHTBuckets implements KBuckets<number> {
  readonly #k: number
  readonly #kadId: (peer: number) => KadId
  readonly #buckets: number[][] = Array.from({ length: 2 ** JS_KAD_DHT.prefixBits }, () => [])
  /** Time of each peer's last answered ping, ms. The first one is the ping that brought the peer into its bucket. */
  readonly #pingedAt = new Map<number, number>()
  readonly #listeners = new Set<Listener>()

  constructor (k: number, kadId: (peer: number) => KadId) {
    this.#k = k
    this.#kadId = kadId
  }

  * entries (): Iterable<KBucketEntry<number>> {
    for (const peer of this.#pingedAt.keys()) {
      yield { peer, kadId: this.#kadId(peer) }
    }
  }

  has (peer: number): boolean {
    return this.#pingedAt.has(peer)
  }

  /** Whether the bucket that a peer belongs to is not full */
  hasRoomFor (peer: number): boolean {
    return this.bucketOf(peer).length < this.#k
  }

  /** The peers in the bucket that a peer belongs to, in the order in which they entered */
  bucketOf (peer: number): readonly number[] {
    return this.#bucket(this.#kadId(peer))
  }

  subscribe (listener: Listener): void {
    this.#listeners.add(listener)
  }

  /** The peers that are pinged to make room in the bucket of a peer: the three whose last ping is the longest ago, if that is at least ten minutes */
  oldOf (peer: number, now: number): number[] {
    const { pingThresholdS, pingedWhenFull } = JS_KAD_DHT
    const pingedAt = (other: number): number => this.#pingedAt.get(other) ?? 0

    return this.bucketOf(peer)
      .filter(other => pingedAt(other) <= now - pingThresholdS * 1000)
      .sort((a, b) => pingedAt(a) - pingedAt(b))
      .slice(0, pingedWhenFull)
  }

  /** A peer answered a ping */
  pinged (peer: number, now: number): void {
    if (this.#pingedAt.has(peer)) {
      this.#pingedAt.set(peer, now)
    }
  }

  /** @returns False when the bucket is full */
  add (peer: number, now: number): boolean {
    if (this.#pingedAt.has(peer)) {
      return true
    }

    if (!this.hasRoomFor(peer)) {
      return false
    }

    const kadId = this.#kadId(peer)
    this.#bucket(kadId).push(peer)
    this.#pingedAt.set(peer, now)
    this.#listeners.forEach(listener => { listener.added({ peer, kadId }) })

    return true
  }

  remove (peer: number): void {
    if (!this.#pingedAt.delete(peer)) {
      return
    }

    const kadId = this.#kadId(peer)
    const bucket = this.#bucket(kadId)
    bucket.splice(bucket.indexOf(peer), 1)
    this.#listeners.forEach(listener => { listener.removed({ peer, kadId }) })
  }

  #bucket (kadId: KadId): number[] {
    return this.#buckets[kadId[0] >> (8 - JS_KAD_DHT.prefixBits)]
  }
}
