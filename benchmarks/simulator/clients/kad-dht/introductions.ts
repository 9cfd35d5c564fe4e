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
  /** Ping a peer that is to be added, or one that is to make room; `onEnd` is never called before this returns */
  ping: (node: number, kind: 'new' | 'old', onEnd: (answered: boolean) => void) => void
  /** A peer has entered the table */
  onAdded: () => void
}

/**
 * How peers enter kad-dht's routing table (routing-table/k-bucket.ts): whoever answers or
 * is named queues for a ping, unless it is in the table; where its bucket is full, the
 * three old contacts that were not pinged for the longest are, and it takes the place of
 * those that fail. As upstream, one that passes counts as unpinged still.
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
    // one that is there already is looked up and left alone, which takes no time
    if (this.#queue.isFull || this.#queued.has(node) || this.#init.buckets.get(node) !== undefined) {
      return
    }

    this.#queued.add(node)
    this.#queue.add(node)
  }

  /** Whether a peer is not in the table, and its bucket has room or could get some */
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

  /** Whom to ping so that a peer may enter its bucket, the one that came first first: no entry answers a second time */
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
