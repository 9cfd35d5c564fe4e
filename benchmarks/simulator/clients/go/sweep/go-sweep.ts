import { commonPrefixLength } from '../../../../../src/keyspace/common-prefix-length.ts'
import { assignHolders } from '../../../../../src/publish/assign-holders.ts'
import { Region } from '../../../../../src/publish/region.ts'
import { noTraffic } from '../../requests/bulk-key.ts'
import { TaskQueue } from '../../requests/task-queue.ts'
import { minimalRegions } from './minimal-regions.ts'
import { ProvideQueue } from './provide-queue.ts'
import { SweepExploration } from './sweep-exploration.ts'
import type { ClientComponents } from '../../client.ts'
import type { BulkHandlers, BulkKey } from '../../requests/bulk-key.ts'
import type { GoClient } from '../go-client.ts'
import type { PrefixKeys } from './provide-queue.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'
import type { KBucketEntry } from '../../../../../src/routing-table/k-buckets.ts'

/** go-kad-dht provider/provider.go `approxPrefixLenGCPCount`, `maxPrefixSize`, `individualProvideThreshold` */
const FIRST_LOOKUPS = 4
const MAX_PREFIX_LENGTH = 24
const FEW_KEYS = 2

/** provider/provider.go `maxConsecutiveProvideFailuresAllowed`: a peer is given up with the failure after these */
const ALLOWED_FAILURES = 2

/** provider/provider.go `minimalRegionReachablePeersRatio` */
const REACHABLE_SHARE = 0.2

/** provider/options.go `DefaultSendProviderRecordTimeout`, ms */
const SEND_MS = 10_000

/** Kubo config/provide.go: 16 workers, of which 2 are kept for what is provided again; each has as many connections as in provider/options.go */
const WORKERS = 14
const CONNECTIONS_PER_WORKER = 20

export interface GoSweepInit {
  components: Pick<ClientComponents, 'world' | 'kadId' | 'k' | 'random'>
  client: Pick<GoClient, 'lookUp' | 'requests'>
  keys: readonly BulkKey[]
  handlers: BulkHandlers
}

/**
 * Go's sweeping provider (go-kad-dht provider/provider.go), which provides keys once. It groups them by a prefix
 * as long as what the closest peers of some keys share, explores one prefix after the other, and sends each
 * peer the records of its region. A record that a peer did not get goes to no other peer.
 */
export class GoSweep {
  readonly traffic = noTraffic()

  readonly #init: GoSweepInit
  readonly #queue = new ProvideQueue()
  #busy = 0

  constructor (init: GoSweepInit) {
    this.#init = init
  }

  start (): void {
    const { kadId, random } = this.#init.components
    const lengths: number[] = []

    for (let lookup = 0; lookup < FIRST_LOOKUPS; lookup++) {
      this.#lookUp(kadId.map(() => Math.floor(random() * 256)), closest => {
        lengths.push(closest.length < 2 ? 0 : Math.min(...closest.map(peer => commonPrefixLength(closest[0].kadId, peer.kadId))))

        if (lengths.length === FIRST_LOOKUPS) {
          this.#begin(Math.min(MAX_PREFIX_LENGTH, Math.floor(lengths.reduce((sum, length) => sum + length) / FIRST_LOOKUPS)))
        }
      })
    }
  }

  #begin (prefixLength: number): void {
    const groups = Map.groupBy(this.#init.keys, ({ kadId }) => `${new Region(kadId, prefixLength)}`)

    // the prefixes with most keys come first
    for (const keys of [...groups.values()].sort((a, b) => b.length - a.length)) {
      this.#queue.add({ prefix: new Region(keys[0].kadId, prefixLength), keys })
    }

    this.#fillWorkers()
  }

  #fillWorkers (): void {
    while (this.#busy < WORKERS && this.#queue.length > 0) {
      const next = this.#queue.next() as PrefixKeys

      this.#busy++
      this.#provide(next, () => {
        this.#busy--
        this.#fillWorkers()
      })
    }

    if (this.#busy === 0 && this.#queue.length === 0) {
      this.#init.handlers.onEnd()
    }
  }

  #provide ({ prefix, keys }: PrefixKeys, done: () => void): void {
    const { components: { kadId, k, random } } = this.#init

    if (keys.length <= FEW_KEYS) {
      forEachAtOnce(keys, (key, ended) => { this.#provideOne(prefix, key, ended) }, done)
      return
    }

    new SweepExploration({
      prefix,
      order: kadId,
      k,
      random,
      lookUp: (target, found) => { this.#lookUp(target, found) },
      onEnd: (peers, covered) => {
        if (peers.length === 0) {
          this.#queue.add({ prefix, keys })
          done()
          return
        }

        const all = [...keys, ...this.#queue.take(covered)]
        const regions = minimalRegions(covered, peers, k)
        const next = (): void => {
          const region = regions.shift()

          if (region === undefined) {
            done()
          } else {
            this.#sendTo(region.peers, { prefix: region.prefix, keys: all.filter(({ kadId }) => region.prefix.contains(kadId)) }, next)
          }
        }

        next()
      }
    }).start()
  }

  #provideOne (prefix: Region, key: BulkKey, done: () => void): void {
    this.#lookUp(key.kadId, closest => { this.#sendTo(closest, { prefix, keys: [key] }, done) })
  }

  #lookUp (target: KadId, done: (closest: Array<KBucketEntry<number>>) => void): void {
    const { client, components: { world: { population } } } = this.#init

    this.traffic.lookups++

    const operation = client.lookUp(target, ({ peers }) => {
      this.traffic.lookupRequests += operation.queries
      done(peers.map(peer => ({ peer, kadId: population.kadId(peer) })))
    })
  }

  #sendTo (peers: Array<KBucketEntry<number>>, { prefix, keys }: PrefixKeys, done: () => void): void {
    const sends = new Map<number, BulkKey[]>()

    for (const { keys: together, holders } of assignHolders(keys, peers, this.#init.components.k)) {
      holders.forEach(peer => { sends.set(peer, [...sends.get(peer) ?? [], ...together]) })
    }

    let reached = 0
    const end = (): void => {
      const failed = sends.size - reached
      const succeeded = reached > 0 && failed <= Math.floor(sends.size * (1 - REACHABLE_SHARE))

      if (keys.length > 0 && !succeeded) {
        this.#queue.add({ prefix, keys })
      }

      keys.forEach(key => { this.#init.handlers.onKey(key, succeeded) })
      done()
    }
    const queue = new TaskQueue<[number, BulkKey[]]>({
      concurrency: CONNECTIONS_PER_WORKER,
      maxWaiting: Infinity,
      start: ([peer, records], finished) => {
        this.#send(peer, records, hasGot => {
          reached += hasGot ? 1 : 0
          ended++
          finished()

          if (ended === sends.size) {
            end()
          }
        })
      }
    })
    let ended = 0

    sends.forEach((records, peer) => { queue.add([peer, records]) })

    if (sends.size === 0) {
      end()
    }
  }

  /** Send records one after the other on one stream. They have no answer, so once it is open the others take no time. */
  #send (peer: number, records: BulkKey[], onEnd: (hasGot: boolean) => void): void {
    const counter = { queries: 0 }

    this.traffic.sends++

    const attempt = (failures: number): void => {
      this.#init.client.requests.store(counter, peer, false, SEND_MS, sent => {
        if (sent) {
          const got = records.slice(failures)

          this.traffic.records += got.length
          got.forEach(({ holders }) => { holders.push(peer) })
          onEnd(true)
        } else if (failures + 1 > ALLOWED_FAILURES || failures + 1 === records.length) {
          this.traffic.failedSends++
          onEnd(false)
        } else {
          attempt(failures + 1)
        }
      })
    }

    attempt(0)
  }
}

/** Do something with each item at once, and go on when all are done */
function forEachAtOnce<T> (items: readonly T[], act: (item: T, ended: () => void) => void, done: () => void): void {
  let ended = 0

  for (const item of items) {
    act(item, () => {
      if (++ended === items.length) {
        done()
      }
    })
  }
}
