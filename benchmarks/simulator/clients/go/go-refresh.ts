import { randomKeyWithPrefix } from '../random-key-with-prefix.ts'
import type { ClientComponents } from '../client.ts'
import type { NodeBuckets } from '../node-buckets.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** go-kad-dht internal/config/config.go `RefreshInterval`, `RefreshQueryTimeout`, ms */
const INTERVAL_MS = 600_000
const QUERY_TIMEOUT_MS = 10_000

/** go-kad-dht rtrefresh/rt_refresh_manager.go `peerPingTimeout`, ms */
const PING_TIMEOUT_MS = 10_000

/** go-libp2p-kbucket `PeerIDPreimageMaxCpl`: no random key is made for a longer common prefix */
const MAX_PREFIX_LENGTH = 15

/** go-kad-dht dht_bootstrap.go `minRTRefreshThreshold`, `periodicBootstrapInterval` (ms), `maxNBoostrappers` */
const LOW_PEERS = 10
const LOW_PEERS_INTERVAL_MS = 120_000
const MAX_BOOTSTRAPPERS = 2

/** go-kad-dht dht.go `rtFreezeTimeout`, ms, and the number of refreshes after which this time starts */
const FREEZE_MS = 60_000
const REFRESHES_BEFORE_FREEZE = 2

export interface GoRefreshInit {
  components: ClientComponents
  buckets: NodeBuckets
  /** Requests at the same time of one lookup */
  alpha: number
  /** Run a lookup @returns Cancels it, so that `onEnd` is not called */
  walk: (target: KadId, onEnd: () => void) => () => void
  /** Send a peer any request @returns Cancels it, so that `onEnd` is not called */
  ping: (node: number, onEnd: (answered: boolean) => void) => () => void
}

/**
 * How go-kad-dht keeps its routing table (rtrefresh/rt_refresh_manager.go, dht.go). While
 * the table is empty, the node bootstraps. Every ten minutes it pings the peers that have
 * not answered within the grace period and looks itself up. Then it looks up a random key
 * of each bucket that no lookup has refreshed meanwhile.
 */
export class GoRefresh {
  readonly #init: GoRefreshInit
  readonly #gracePeriodMs: number
  readonly #refreshedAtMs = new Map<number, number>()
  #isStarted = false
  #running = false
  #bootstrapping = false
  #refreshes = 0
  #dialling = false

  constructor (init: GoRefreshInit) {
    const { components: { k }, alpha } = init

    this.#init = init
    // dht.go `maxLastSuccessfulOutboundThreshold`: within this time, lookups are expected to ask all but one
    // of the k peers of a bucket
    this.#gracePeriodMs = alpha < k ? Math.log(1 / k) / Math.log(1 - alpha / k) * INTERVAL_MS : INTERVAL_MS
  }

  /** Whether new entries are replaceable, which they are while the table is young */
  get isBootstrapping (): boolean {
    return this.#bootstrapping
  }

  start (): void {
    this.#isStarted = true
    this.tableChanged()
    this.#every(INTERVAL_MS, () => { this.#refresh() })
    this.#every(LOW_PEERS_INTERVAL_MS, () => { this.tableChanged() })
  }

  /** A peer has entered or left the table (`fixLowPeers` of dht.go) */
  tableChanged (): void {
    const { buckets } = this.#init

    if (!this.#isStarted) {
      return
    }

    if (buckets.size === 0) {
      this.#bootstrap()
    } else if (buckets.size <= LOW_PEERS) {
      this.#refresh()
    }
  }

  /** A lookup has ended */
  lookedUp (target: KadId): void {
    const { components: { clock }, buckets } = this.#init

    this.#refreshedAtMs.set(buckets.bucketOfKey(target), clock.now)
  }

  #every (delayMs: number, task: () => void): void {
    this.#init.components.clock.schedule(delayMs, () => {
      task()
      this.#every(delayMs, task)
    })
  }

  /** Dial the bootstrap peers one after another, in random order, until two have answered */
  #bootstrap (): void {
    const { components: { bootstrap, random, clock }, buckets, ping } = this.#init

    if (this.#dialling || bootstrap.length === 0) {
      return
    }

    this.#dialling = true
    this.#bootstrapping = true
    this.#refreshes = 0

    const left = [...bootstrap]
    let found = 0
    const next = (): void => {
      if (left.length === 0 || found === MAX_BOOTSTRAPPERS) {
        this.#dialling = false

        if (found > 0) {
          this.#refresh()
        }

        return
      }

      const [node] = left.splice(Math.floor(random() * left.length), 1)

      ping(node, answered => {
        if (answered) {
          found++
          buckets.add(node, clock.now, true)
        }

        next()
      })
    }

    next()
  }

  #refresh (): void {
    if (this.#running) {
      return
    }

    this.#running = true
    this.#pingSilent(() => {
      this.#lookUp(this.#init.components.kadId, () => {
        this.#refreshBuckets(0, this.#init.buckets.last, () => {
          this.#running = false
          this.#refreshed()
        })
      })
    })
  }

  #refreshed (): void {
    const { components: { clock }, buckets } = this.#init

    this.#refreshes++

    if (this.#refreshes === REFRESHES_BEFORE_FREEZE) {
      clock.schedule(FREEZE_MS, () => { buckets.entries().forEach(entry => { entry.replaceable = false }) })
    }

    if (this.#bootstrapping) {
      this.#bootstrapping = false
      this.#refresh()
    }
  }

  #pingSilent (done: () => void): void {
    const { components: { clock }, buckets, ping } = this.#init
    const silent = buckets.entries().filter(entry => clock.now - entry.answeredAtMs > this.#gracePeriodMs)
    let pending = silent.length

    if (pending === 0) {
      done()
      return
    }

    for (const { node } of silent) {
      this.#within(PING_TIMEOUT_MS, onEnd => ping(node, onEnd), answered => {
        if (answered !== true) {
          buckets.remove(node)
        }

        if (--pending === 0) {
          done()
        }
      })
    }
  }

  /** Refresh the buckets one after another. After an empty bucket, the refresh only goes on to twice the number of that bucket. */
  #refreshBuckets (bucket: number, last: number, done: () => void): void {
    const { components: { clock, kadId, random }, buckets } = this.#init

    if (bucket > Math.min(last, MAX_PREFIX_LENGTH)) {
      done()
      return
    }

    const next = (): void => {
      const isEmpty = buckets.entriesOf(bucket).length === 0

      this.#refreshBuckets(bucket + 1, isEmpty ? Math.min(last, 2 * (bucket + 1)) : last, done)
    }

    if (clock.now - (this.#refreshedAtMs.get(bucket) ?? -Infinity) <= INTERVAL_MS) {
      next()
    } else {
      this.#lookUp(randomKeyWithPrefix(kadId, bucket, random), next)
    }
  }

  #lookUp (target: KadId, done: () => void): void {
    this.#within(QUERY_TIMEOUT_MS, onEnd => this.#init.walk(target, () => { onEnd(undefined) }), done)
  }

  #within<T> (limitMs: number, start: (onEnd: (result: T) => void) => () => void, done: (result: T | undefined) => void): void {
    const cancelLimit = this.#init.components.clock.schedule(limitMs, () => {
      cancel()
      done(undefined)
    })
    const cancel = start(result => {
      cancelLimit()
      done(result)
    })
  }
}
