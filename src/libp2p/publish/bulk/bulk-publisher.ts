import { pushable } from 'it-pushable'
import { raceSignal } from 'race-signal'
import { CID } from 'multiformats/cid'
import { BULK_LIMITS } from '../../../parameters/bulk-limits.ts'
import { Region } from '../../../publish/region.ts'
import { regionLength } from '../../../publish/region-length.ts'
import { kadIdOf } from '../../peers/kad-id-of.ts'
import { BulkRun } from './bulk-run.ts'
import type { NetworkEstimate } from '../../../keyspace/network-size.ts'
import type { Lookups } from '../../../lookup/lookups.ts'
import type { BulkParameters } from '../../../parameters/bulk-parameters.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { NewKey, PublishedKind } from '../../../persistence/published/published-key.ts'
import type { BulkSender } from './bulk-sender.ts'
import type { BulkRunEvent } from './bulk-run.ts'
import type { RegionLookups } from './region-lookups.ts'
import type { PeerBook } from '../../peers/peer-book.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { Pushable } from 'it-pushable'

/** A bulk put waits with the next keys while so many events are unread */
const MAX_UNREAD = 10_000

const EVERYWHERE = new Region(new Uint8Array(32), 0)

/** A value and its key, to be put in bulk */
export interface BulkRecord {
  key: Uint8Array
  value: Uint8Array
}

/**
 * What a bulk put tells of:
 *
 * - `added`: so many keys of the call are in the database, and survive a crash from now on
 * - `key`: what became of one key. `holders`: how many peers have stored it in this run
 * - `progress`: how far the put has come; `waiting`: keys that are still to be sent
 */
export type BulkPutEvent =
  | { type: 'added', keys: number }
  | { type: 'key', kind: PublishedKind, key: Uint8Array, result: 'stored' | 'failed', holders: number }
  | { type: 'progress', stored: number, failed: number, waiting: number, regions: number, regionsFailed: number }

export interface BulkPublisherInit {
  keys: PublishedKeys
  lookups: Pick<Lookups<string>, 'networkSize'>
  regionLookups: RegionLookups
  sender: BulkSender
  book: Pick<PeerBook, 'idOf'>
  parameters: BulkParameters
  k: number
  /** From 0 to below 1 */
  random: () => number
  now: () => number
  timeOfDay: () => number
  /** Aborted when the DHT stops. It is a new one after each start. */
  shutDown: () => AbortSignal
}

/**
 * Puts many records at once, region by region
 */
export class BulkPublisher {
  readonly #init: BulkPublisherInit
  /** One run at a time, as each sends all that waits */
  #turn: Promise<unknown> = Promise.resolve()

  constructor (init: BulkPublisherInit) {
    this.#init = init
  }

  /** The keys that this node provides: for `dht.provides` */
  get keys (): PublishedKeys {
    return this.#init.keys
  }

  /**
   * Provide many CIDs
   *
   * @throws {PublishStoreError} The database of keys can't be used
   */
  provideMany (cids: AsyncIterable<CID> | Iterable<CID>, options: AbortOptions = {}): AsyncGenerator<BulkPutEvent> {
    return this.#putAll(providerKeys(cids), options)
  }

  /**
   * Put many values
   *
   * @throws {PublishStoreError} The database of keys can't be used
   */
  putMany (records: AsyncIterable<BulkRecord> | Iterable<BulkRecord>, options: AbortOptions = {}): AsyncGenerator<BulkPutEvent> {
    return this.#putAll(valueKeys(records), options)
  }

  /** Let go of the database, when the run that is under way has ended */
  async stop (): Promise<void> {
    await this.#turn.catch(() => {})
    await this.#init.keys.close()
  }

  async * #putAll (keys: AsyncIterable<NewKey>, options: AbortOptions): AsyncGenerator<BulkPutEvent> {
    const shutDown = this.#init.shutDown()

    if (shutDown.aborted) {
      throw new Error('The DHT is not started')
    }

    options.signal?.throwIfAborted()
    await this.#init.keys.open(options)

    const events = pushable<BulkPutEvent>({ objectMode: true })
    const controller = new AbortController()
    const signal = AbortSignal.any([shutDown, controller.signal, ...options.signal === undefined ? [] : [options.signal]])
    const work = this.#addAndSend(keys, events, signal)

    work.then(() => { events.end() }, err => { events.end(err) })

    try {
      for await (const event of events) {
        options.signal?.throwIfAborted()
        yield event
      }

      options.signal?.throwIfAborted()
    } catch (err) {
      if (!shutDown.aborted || options.signal?.aborted === true) {
        throw err
      }
    } finally {
      controller.abort()
      await work.catch(() => {})
    }
  }

  async #addAndSend (keys: AsyncIterable<NewKey>, events: Pushable<BulkPutEvent>, signal: AbortSignal): Promise<void> {
    await this.#init.keys.add(keys, {
      signal,
      onAdded: ({ added, changed, known }) => { events.push({ type: 'added', keys: added + changed + known }) }
    })

    const before = this.#turn
    const run = (async () => {
      await raceSignal(before.catch(() => {}), signal)

      for (let pass = 0; pass < BULK_LIMITS.passes && this.#init.keys.queued > 0; pass++) {
        if (await this.#send(events, signal) === 0) {
          return
        }
      }
    })()

    this.#turn = Promise.allSettled([before, run])
    await run
  }

  /** The size of the network. Where it is not known yet, some lookups tell; of a network of fewer than k they tell nothing. */
  async #networkSize (signal: AbortSignal): Promise<NetworkEstimate | undefined> {
    const { lookups, regionLookups, now } = this.#init

    for (let lookup = 0; lookup < BULK_LIMITS.firstLookups && lookups.networkSize(now()) === undefined; lookup++) {
      await regionLookups.find(EVERYWHERE, signal).catch(() => { signal.throwIfAborted() })
    }

    return lookups.networkSize(now())
  }

  /** @returns How many keys were stored */
  async #send (events: Pushable<BulkPutEvent>, signal: AbortSignal): Promise<number> {
    const { keys, regionLookups, sender, book, parameters, k, random, timeOfDay } = this.#init
    const size = await this.#networkSize(signal)
    const soFar = { stored: 0, failed: 0, regions: 0, regionsFailed: 0 }

    const onEvent = (event: BulkRunEvent): void => {
      switch (event.type) {
        case 'key':
          soFar[event.result]++
          events.push({ type: 'key', kind: event.key.kind, key: event.key.key, result: event.result, holders: event.holders })
          break
        case 'region':
        case 'regionFailed':
          soFar[event.type === 'region' ? 'regions' : 'regionsFailed']++
          events.push({ type: 'progress', ...soFar, waiting: keys.queued })
          break
        default:
          event satisfies never
      }
    }
    const run = new BulkRun({
      keys,
      put: { ...parameters, k, random },
      regionLength: size === undefined ? 0 : regionLength(size.servers, k),
      lookup: async (within, signal) => regionLookups.find(within, signal),
      send: async (peer, sent, signal) => sender.send(book.idOf(peer), sent, signal),
      onEvent,
      ready: async () => { await (events.readableLength > MAX_UNREAD ? events.onEmpty({ signal }) : undefined) },
      timeOfDay,
      signal
    })
    const { stored } = await run.run()

    return stored
  }
}

async function * providerKeys (cids: AsyncIterable<CID> | Iterable<CID>): AsyncGenerator<NewKey> {
  for await (const cid of cids) {
    if (CID.asCID(cid) === null) {
      throw new TypeError(`${String(cid)} is no CID`)
    }

    const key = cid.multihash.bytes
    yield { kind: 'provider', key, kadId: await kadIdOf(key) }
  }
}

async function * valueKeys (records: AsyncIterable<BulkRecord> | Iterable<BulkRecord>): AsyncGenerator<NewKey> {
  for await (const { key, value } of records) {
    yield { kind: 'value', key, value, kadId: await kadIdOf(key) }
  }
}
