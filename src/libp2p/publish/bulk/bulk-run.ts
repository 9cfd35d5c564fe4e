import { BULK_LIMITS } from '../../../parameters/bulk-limits.ts'
import { BulkPut } from '../../../publish/bulk-put.ts'
import type { Region } from '../../../publish/region.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { PublishedKey } from '../../../persistence/published/published-key.ts'
import type { BulkPutCommand, BulkPutFact, BulkPutInit, BulkPutSums } from '../../../publish/bulk-put.ts'
import type { RegionLookup } from './region-lookups.ts'
import type { SentKeys } from './bulk-sender.ts'

/** What a run tells while it goes on */
export type BulkRunEvent =
  | { type: 'key', key: PublishedKey, result: 'stored' | 'failed', holders: number }
  | { type: 'region', region: Region, stored: number, failed: number, peersFound: number }
  | { type: 'regionFailed', region: Region, reason: string }

export interface BulkRunInit {
  keys: PublishedKeys
  put: BulkPutInit
  /** The regions to send, one after another. It is read as the run goes on. */
  regions: AsyncIterable<TaskRegion>
  lookup: (within: Region, signal: AbortSignal) => Promise<RegionLookup>
  send: (peer: string, keys: PublishedKey[], signal: AbortSignal) => Promise<SentKeys<PublishedKey>>
  /** Told of all that happens */
  onEvent: (event: BulkRunEvent) => void
  /** Resolves when whoever is told has caught up. The next keys are read then. */
  ready: () => Promise<void>
  /** ms since the epoch */
  timeOfDay: () => number
  /** Ends the run: what is stored by then is remembered */
  signal: AbortSignal
}

/** A region to send */
export interface TaskRegion {
  region: Region
  /** Whether all of its keys are sent, and not only those that wait. The time is noted then. */
  isWhole: boolean
}

interface OpenRegion {
  /** Reads the keys of the region */
  reading: AsyncIterator<PublishedKey> | undefined
  /** Keys that are stored or have failed, which the database does not know yet */
  stored: PublishedKey[]
  failed: PublishedKey[]
}

/**
 * Sends the keys of regions, one after another. It turns what happens into facts for the
 * bulk put, and the commands of that into lookups, reads, writes and requests.
 */
export class BulkRun {
  readonly #init: BulkRunInit
  readonly #put: BulkPut<string, PublishedKey>
  readonly #regions = new Map<string, OpenRegion>()
  readonly #source: AsyncIterator<TaskRegion>
  /** Of the regions so far, those of which all keys are sent */
  readonly #whole: Region[] = []
  /** Everything that is under way */
  readonly #running = new Set<Promise<void>>()
  readonly #ended = Promise.withResolvers<BulkPutSums>()
  /** Writes one after another: a region is noted as sent after its keys */
  #written: Promise<void> = Promise.resolve()

  constructor (init: BulkRunInit) {
    this.#init = init
    this.#put = new BulkPut(init.put)
    this.#source = init.regions[Symbol.asyncIterator]()
  }

  /**
   * @throws {PublishStoreError} The database can't be used
   */
  async run (): Promise<BulkPutSums> {
    const { signal } = this.#init
    const onAbort = (): void => { this.#advance({ type: 'cancelled' }) }

    signal.addEventListener('abort', onAbort)
    this.#advance({ type: signal.aborted ? 'cancelled' : 'started' })

    try {
      const sums = await this.#ended.promise
      await this.#settled()

      return sums
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#advance({ type: 'cancelled' })
      await Promise.allSettled(this.#running)
      await this.#source.return?.().catch(() => {})
    }
  }

  async #settled (): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all(this.#running)
    }

    await this.#written
  }

  #advance (fact: BulkPutFact<string, PublishedKey>): void {
    for (const command of this.#put.advance(fact)) {
      this.#start(this.#perform(command))
    }
  }

  #start (work: Promise<void>): void {
    const running = work.catch(err => {
      // an abort is the end of the run already
      if (!this.#init.signal.aborted) {
        this.#ended.reject(err)
      }
    }).finally(() => { this.#running.delete(running) })

    this.#running.add(running)
  }

  async #perform (command: BulkPutCommand<string, PublishedKey>): Promise<void> {
    switch (command.type) {
      case 'nextRegion':
        return this.#nextRegion()
      case 'lookup':
        return this.#lookup(command)
      case 'pull':
        return this.#pull(command)
      case 'send':
        return this.#send(command)
      case 'done':
        this.#done(command)
        return
      case 'regionDone':
        return this.#regionDone(command)
      case 'regionFailed':
        return this.#regionFailed(command)
      case 'finish':
        this.#ended.resolve(command.sums)
        return
      default:
        return command satisfies never
    }
  }

  async #nextRegion (): Promise<void> {
    const { done, value } = await this.#source.next()

    if (done === true) {
      this.#advance({ type: 'noMoreRegions' })
      return
    }

    if (value.isWhole) {
      this.#whole.push(value.region)
    }

    this.#advance({ type: 'region', region: value.region })
  }

  async #lookup ({ region, target, within }: BulkPutCommand<string, PublishedKey> & { type: 'lookup' }): Promise<void> {
    const { lookup, signal } = this.#init

    try {
      this.#advance({ type: 'lookedUp', region, target, ...await lookup(within, signal) })
    } catch {
      this.#advance({ type: 'lookupFailed', region, target })
    }
  }

  async #pull ({ region }: BulkPutCommand<string, PublishedKey> & { type: 'pull' }): Promise<void> {
    const open = this.#open(region)
    const reading = open.reading ??= this.#init.keys.range(region, { onlyQueued: !this.#isWhole(region), signal: this.#init.signal })
    const keys: PublishedKey[] = []
    let isLast = false

    await this.#init.ready()

    while (keys.length < BULK_LIMITS.keysAtOnce && !isLast) {
      const { done, value } = await reading.next()

      isLast = done === true

      if (done !== true) {
        keys.push(value)
      }
    }

    this.#advance({ type: 'keys', region, keys, isLast })
  }

  /** A part of a region that was left out, and is sent later, belongs to it */
  #isWhole (region: Region): boolean {
    return region.without(this.#whole).length === 0
  }

  async #send ({ region, peer, keys }: BulkPutCommand<string, PublishedKey> & { type: 'send' }): Promise<void> {
    const { send, signal } = this.#init

    try {
      this.#advance({ type: 'sent', region, peer, ...await send(peer, keys, signal) })
    } catch {
      this.#advance({ type: 'failed', region, peer })
    }
  }

  #done ({ region, key, result, holders }: BulkPutCommand<string, PublishedKey> & { type: 'done' }): void {
    const open = this.#open(region)

    open[result].push(key)

    if (open.stored.length + open.failed.length >= BULK_LIMITS.keysAtOnce) {
      this.#write(open)
    }

    this.#init.onEvent({ type: 'key', key, result, holders })
  }

  async #regionDone ({ region, report: { stored, failed, peersFound, gaps } }: BulkPutCommand<string, PublishedKey> & { type: 'regionDone' }): Promise<void> {
    const { keys, timeOfDay, onEvent } = this.#init

    this.#close(region)

    if (this.#isWhole(region)) {
      this.#written = this.#written.then(async () => {
        // what was left out waits from now on, and is sent later
        for (const gap of gaps) {
          await keys.failed(keys.range(gap))
        }

        await keys.regionSent(region, timeOfDay())
      })
    }

    await this.#written
    onEvent({ type: 'region', region, stored, failed, peersFound })
  }

  async #regionFailed ({ region, reason }: BulkPutCommand<string, PublishedKey> & { type: 'regionFailed' }): Promise<void> {
    this.#close(region)
    await this.#written
    this.#init.onEvent({ type: 'regionFailed', region, reason })
  }

  #open (region: Region): OpenRegion {
    const open = this.#regions.get(`${region}`) ?? { reading: undefined, stored: [], failed: [] }
    this.#regions.set(`${region}`, open)

    return open
  }

  #close (region: Region): void {
    const open = this.#open(region)

    this.#regions.delete(`${region}`)
    this.#write(open)
    open.reading?.return?.().catch(() => {})
  }

  /** Keys that are stored wait no longer, and those that have failed wait again. This is not given up with the run. */
  #write (open: OpenRegion): void {
    const { keys } = this.#init
    const stored = open.stored.splice(0)
    const failed = open.failed.splice(0)

    if (stored.length + failed.length > 0) {
      this.#written = this.#written.then(async () => keys.stored(stored)).then(async () => keys.failed(failed))
      this.#start(this.#written)
    }
  }
}
