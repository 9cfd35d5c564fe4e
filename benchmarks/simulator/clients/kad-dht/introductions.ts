import { TaskQueue } from '../requests/task-queue.ts'
import type { BucketEntry, NodeBuckets } from '../node-buckets.ts'
import type { Clock } from '../../clock.ts'

/** kad-dht 16 routing-table/index.ts `ROUTING_TABLE_UPDATE_QUEUE_CONCURRENCY`, `ROUTING_TABLE_UPDATE_MAX_QUEUE_SIZE` */
const CONCURRENCY = 16
const MAX_QUEUE_SIZE = 16_384

/** kad-dht 16 routing-table/index.ts `PING_OLD_CONTACT_COUNT`, `LAST_PING_THRESHOLD` (ms) */
const OLD_CONTACTS = 3
const PING_THRESHOLD_MS = 600_000

export interface IntroductionsInit {
  clock: Clock
  buckets: NodeBuckets
  /** Ping a new peer, or an old one that could make room. `onEnd` is never called before this function returns. */
  ping: (node: number, kind: 'new' | 'old', onEnd: (answered: boolean) => void) => void
  /** A peer has entered the table */
  onAdded: () => void
}

/**
 * How peers enter kad-dht's routing table (routing-table/k-bucket.ts). A peer that
 * answers or is named waits in a queue for a ping, unless it is in the table already.
 * When its bucket is full, the three old contacts that were not pinged for the longest
 * are pinged. The new peer takes the place of one that fails. As upstream, a contact that
 * answers this ping still counts as not pinged.
 */
export class Introductions {
  readonly #init: IntroductionsInit
  readonly #queue: TaskQueue<number>
  readonly #queued = new Set<number>()

  constructor (init: IntroductionsInit) {
    this.#init = init
    this.#queue = new TaskQueue({
      concurrency: CONCURRENCY,
      maxWaiting: MAX_QUEUE_SIZE,
      doAtOnce: node => !this.#canEnter(node) && this.#queued.delete(node),
      start: (node, finished) => {
        this.#introduce(node, () => {
          this.#queued.delete(node)
          finished()
        })
      }
    })
  }

  /** A peer has answered, or was named */
  add (node: number): void {
    // upstream queues a peer that is already in the table, then finds it there and does nothing, which takes
    // no time
    if (this.#queue.isFull || this.#queued.has(node) || this.#init.buckets.get(node) !== undefined) {
      return
    }

    this.#queued.add(node)
    this.#queue.add(node)
  }

  /** Whether a peer is not in the table and its bucket has room, or could get room */
  #canEnter (node: number): boolean {
    const { buckets } = this.#init

    return buckets.get(node) === undefined && (buckets.hasRoomFor(node) || this.#oldContacts(node).length > 0)
  }

  #introduce (node: number, done: () => void): void {
    const { clock, buckets, ping, onAdded } = this.#init

    if (!this.#canEnter(node)) {
      done()
    } else if (buckets.hasRoomFor(node)) {
      ping(node, 'new', answered => {
        if (answered && buckets.add(node, clock.now, false)) {
          onAdded()
        }

        done()
      })
    } else {
      this.#makeRoomFor(node, hasRoom => {
        if (hasRoom) {
          this.#introduce(node, done)
        } else {
          done()
        }
      })
    }
  }

  /**
   * The peers to ping so that a peer may enter its bucket, in the order in which they came.
   * The order stays right because no entry's time changes after it has entered.
   */
  #oldContacts (node: number): BucketEntry[] {
    const { clock, buckets } = this.#init

    return buckets.oldestOf(buckets.bucketOf(node), OLD_CONTACTS, clock.now - PING_THRESHOLD_MS)
  }

  #makeRoomFor (node: number, done: (hasRoom: boolean) => void): void {
    const { buckets, ping } = this.#init
    const old = this.#oldContacts(node)
    let pending = old.length
    let evicted = false

    for (const { node } of old) {
      ping(node, 'old', answered => {
        if (!answered) {
          buckets.remove(node)
          evicted = true
        }

        if (--pending === 0) {
          done(evicted)
        }
      })
    }
  }
}
