import type { KadDHTBuckets } from './kad-dht-buckets.ts'
import type { Clock } from '../../clock.ts'

export interface KadDHTAdmissionInit {
  clock: Clock
  buckets: KadDHTBuckets
  /** Whom to ping of a full bucket, of whose peers some are old */
  whomToPing: (bucket: readonly number[], old: readonly number[]) => number[]
  /** Ping a peer that is to be added, or one that is to make room */
  ping: (peer: number, kind: 'new' | 'old', done: (answered: boolean) => void) => void
}

/**
 * How peers enter the k-buckets of kad-dht (`_add` of routing-table/k-bucket.ts), where it
 * is not kad-dht that says whom to ping when a bucket is full.
 */
export class KadDHTAdmission {
  readonly #init: KadDHTAdmissionInit

  constructor (init: KadDHTAdmissionInit) {
    this.#init = init
  }

  /** A peer that just answered enters its bucket if there is room, or can be made */
  answered (peer: number): void {
    const { clock, buckets } = this.#init

    if (!buckets.add(peer, clock.now)) {
      this.#makeRoom(peer, hasRoom => {
        if (hasRoom) {
          this.answered(peer)
        }
      })
    }
  }

  /**
   * Ping a peer if there is room for it, or can be made. Its answer is told by
   * `answered`, before its ping is done.
   */
  introduce (peer: number, done: () => void): void {
    const { buckets, ping } = this.#init

    if (buckets.hasRoomFor(peer)) {
      ping(peer, 'new', done)
      return
    }

    this.#makeRoom(peer, hasRoom => {
      if (hasRoom) {
        this.introduce(peer, done)
      } else {
        done()
      }
    })
  }

  #makeRoom (peer: number, done: (hasRoom: boolean) => void): void {
    const { clock, buckets, whomToPing, ping } = this.#init
    const pinged = whomToPing(buckets.bucketOf(peer), buckets.oldOf(peer, clock.now))
    let pending = pinged.length
    let hasRoom = false

    if (pending === 0) {
      done(false)
    }

    for (const old of pinged) {
      ping(old, 'old', answered => {
        if (!answered) {
          buckets.remove(old)
          hasRoom = true
        }

        if (--pending === 0) {
          done(hasRoom)
        }
      })
    }
  }
}
