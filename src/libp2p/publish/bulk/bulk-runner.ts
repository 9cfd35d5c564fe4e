import { raceSignal } from 'race-signal'
import { BULK_LIMITS } from '../../../parameters/bulk-limits.ts'
import { regionLength } from '../../../publish/region-length.ts'
import { Region } from '../../../publish/region.ts'
import { BulkRun } from './bulk-run.ts'
import { waitingRegions } from './waiting-regions.ts'
import type { NetworkEstimate } from '../../../keyspace/network-size.ts'
import type { Lookups } from '../../../lookup/lookups.ts'
import type { BulkParameters } from '../../../parameters/bulk-parameters.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { BulkPutSums } from '../../../publish/bulk-put.ts'
import type { BulkSender } from './bulk-sender.ts'
import type { BulkRunInit, TaskRegion } from './bulk-run.ts'
import type { RegionLookups } from './region-lookups.ts'
import type { PeerBook } from '../../peers/peer-book.ts'

/** The length of regions changes when it is off by so many bits. With each change parts are sent once more. */
const MAX_OFF = 2

const EVERYWHERE = new Region(new Uint8Array(32), 0)

export interface BulkRunnerInit {
  keys: PublishedKeys
  lookups: Pick<Lookups<string>, 'networkSize'>
  regionLookups: Pick<RegionLookups, 'find'>
  sender: Pick<BulkSender, 'send'>
  book: Pick<PeerBook, 'idOf'>
  parameters: BulkParameters
  k: number
  /** From 0 to below 1 */
  random: () => number
  now: () => number
  timeOfDay: () => number
}

/** What the last runs have found */
export interface BulkStatistics {
  /** How many peers have stored a key, on average; undefined before the first key */
  averageHolders: number | undefined
  /** The share of the peers of the regions that could be reached, 0 to 1; undefined before the first region */
  reachable: number | undefined
  /** Keys a second; undefined before the first key */
  keysPerSecond: number | undefined
}

/**
 * Runs bulk puts, one at a time
 */
export class BulkRunner {
  readonly #init: BulkRunnerInit
  #turn: Promise<unknown> = Promise.resolve()
  #regionLength: number | undefined
  #statistics: BulkStatistics = { averageHolders: undefined, reachable: undefined, keysPerSecond: undefined }

  constructor (init: BulkRunnerInit) {
    this.#init = init
  }

  get statistics (): BulkStatistics {
    return this.#statistics
  }

  /**
   * Wait for the runs before, and then do this
   *
   * @throws The error of the work, or the signal's reason
   */
  async inTurn<T> (work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#turn
    const turn = (async () => {
      await raceSignal(before, signal)

      return work()
    })()

    this.#turn = Promise.allSettled([before, turn])

    return turn
  }

  /** Resolves when nothing is under way any more */
  async idle (): Promise<void> {
    await this.#turn
  }

  /**
   * How long the prefix of a region is, bits. Where the size of the network is not known yet, some
   * lookups tell it. Of a network of fewer than k they tell nothing, and it is one region.
   */
  async regionLength (signal: AbortSignal): Promise<number> {
    const size = await this.#networkSize(signal)
    const length = size === undefined ? 0 : regionLength(size.servers, this.#init.k)

    if (this.#regionLength === undefined || Math.abs(this.#regionLength - length) >= MAX_OFF) {
      this.#regionLength = length
    }

    return this.#regionLength
  }

  /**
   * Send what waits, region by region; to be called within a turn
   *
   * @throws {PublishStoreError} The database can't be used
   */
  async sendWaiting (options: Pick<BulkRunInit, 'onEvent' | 'ready' | 'signal'>): Promise<BulkPutSums> {
    const { keys, parameters, timeOfDay } = this.#init

    return this.send(waitingRegions(keys, await this.regionLength(options.signal), timeOfDay() - parameters.cycleMs, options.signal), options)
  }

  /**
   * Send the keys of regions; to be called within a turn
   *
   * @throws {PublishStoreError} The database can't be used
   */
  async send (regions: AsyncIterable<TaskRegion>, { onEvent, ready, signal }: Pick<BulkRunInit, 'onEvent' | 'ready' | 'signal'>): Promise<BulkPutSums> {
    const { keys, regionLookups, sender, book, parameters, k, random, now, timeOfDay } = this.#init
    const startedAt = now()
    const sums = await new BulkRun({
      keys,
      put: { ...parameters, k, random },
      regions,
      lookup: async (within, signal) => regionLookups.find(within, signal),
      send: async (peer, sent, signal) => sender.send(book.idOf(peer), sent, signal),
      onEvent,
      ready,
      timeOfDay,
      signal
    }).run()

    this.#count(sums, now() - startedAt)

    return sums
  }

  #count ({ stored, failed, holders, peersFound, peersLeftOut }: BulkPutSums, tookMs: number): void {
    const keys = stored + failed

    this.#statistics = {
      averageHolders: keys === 0 ? this.#statistics.averageHolders : holders / keys,
      keysPerSecond: keys === 0 ? this.#statistics.keysPerSecond : keys / Math.max(tookMs, 1) * 1000,
      reachable: peersFound === 0 ? this.#statistics.reachable : 1 - peersLeftOut / peersFound
    }
  }

  async #networkSize (signal: AbortSignal): Promise<NetworkEstimate | undefined> {
    const { lookups, regionLookups, now } = this.#init

    for (let lookup = 0; lookup < BULK_LIMITS.firstLookups && lookups.networkSize(now()) === undefined; lookup++) {
      await regionLookups.find(EVERYWHERE, signal).catch(() => { signal.throwIfAborted() })
    }

    return lookups.networkSize(now())
  }
}
