import type { KadDHTBuckets } from './kad-dht-buckets.ts'
import type { Clock } from '../../clock.ts'
import type { PingNeed } from '../../../../src/upkeep/ping-need.ts'

type OnPinged = (answered: boolean) => void

export interface KadDHTAdmissionInit {
  clock: Clock
  buckets: KadDHTBuckets
  /** The peers to ping when a bucket is full. `old` are the peers of the bucket that were not pinged for long. */
  whomToPing: (bucket: readonly number[], old: readonly number[]) => number[]
  /** Whether a peer has to be pinged. `isInsisted` is true when the result of the ping decides whether the peer leaves its bucket. */
  pingNeed: (peer: number, isInsisted: boolean) => PingNeed
  /** Ping a peer. `onEnd` is called later, never before this function returns. */
  ping: (peer: number, onEnd: OnPinged) => void
}

/**
 * How peers enter the k-buckets of kad-dht (`_add` of routing-table/k-bucket.ts). The
 * difference: the scored service chooses which peers of a full bucket are pinged. When a
 * peer is already being pinged, a second request for a ping gets the result of the first.
 */
export class KadDHTAdmission {
  readonly #init: KadDHTAdmissionInit
  /** For each peer that is being pinged: the functions to call with the result */
  readonly #pinging = new Map<number, OnPinged[]>()

  constructor (init: KadDHTAdmissionInit) {
    this.#init = init
  }

  /** A peer has just answered. It enters its bucket if there is room, or if room can be made. */
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
   * Ping a peer that is not in its bucket, if there is room for it or room can be made.
   * When it answers, `answered` is called before `done`.
   */
  introduce (peer: number, done: () => void): void {
    if (this.#init.buckets.hasRoomFor(peer)) {
      this.ping(peer, done)
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

  /** Ping a peer if it has to be pinged */
  ping (peer: number, done: OnPinged, isInsisted = false): void {
    const { pingNeed, ping } = this.#init
    const others = this.#pinging.get(peer)
    const need = pingNeed(peer, isInsisted)

    if (others !== undefined) {
      others.push(done)
    } else if (need === 'needed') {
      const told = [done]

      this.#pinging.set(peer, told)
      ping(peer, answered => {
        this.#pinging.delete(peer)
        this.#pinged(peer, answered, told)
      })
    } else {
      this.#pinged(peer, need === 'answered', [done])
    }
  }

  #pinged (peer: number, answered: boolean, told: OnPinged[]): void {
    const { clock, buckets } = this.#init

    if (answered) {
      buckets.pinged(peer, clock.now)
    }

    told.forEach(done => { done(answered) })
  }

  #makeRoom (peer: number, done: (hasRoom: boolean) => void): void {
    const { clock, buckets, whomToPing } = this.#init
    const pinged = whomToPing(buckets.bucketOf(peer), buckets.oldOf(peer, clock.now))
    let pending = pinged.length
    let hasRoom = false

    if (pending === 0) {
      done(false)
    }

    for (const old of pinged) {
      this.ping(old, answered => {
        if (!answered) {
          buckets.remove(old)
          hasRoom = true
        }

        if (--pending === 0) {
          done(hasRoom)
        }
      }, true)
    }
  }
}
