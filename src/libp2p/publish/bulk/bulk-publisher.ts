import { TimeoutError } from '@libp2p/interface'
import { pushable } from 'it-pushable'
import { BULK_LIMITS } from '../../../parameters/bulk-limits.ts'
import { providerKeys, valueKeys } from './keys-of.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { NewKey, PublishedKind } from '../../../persistence/published/published-key.ts'
import type { BulkRunEvent } from './bulk-run.ts'
import type { BulkRunner } from './bulk-runner.ts'
import type { BulkRecord } from './keys-of.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { Pushable } from 'it-pushable'
import type { CID } from 'multiformats/cid'

/** A bulk put waits with the next keys while so many events are unread */
const MAX_UNREAD = 10_000

/** A bulk put whose events are not read for so long is given up, ms */
const MAX_UNREAD_MS = 10 * 60_000

/**
 * What a bulk put tells of:
 *
 * - `added`: so many keys of the call are in the database, and survive a crash from now on
 * - `key`: what became of one key. `holders`: how many peers have stored it in this run
 * - `progress`: how far the put has come. `waiting`: keys that are still to be sent
 */
export type BulkPutEvent =
  | { type: 'added', keys: number }
  | { type: 'key', kind: PublishedKind, key: Uint8Array, result: 'stored' | 'failed', holders: number }
  | { type: 'progress', stored: number, failed: number, waiting: number, regions: number, regionsFailed: number }

export interface BulkPublisherInit {
  keys: PublishedKeys
  runner: BulkRunner
  isStarted: () => boolean
  /** Whether others could reach this node: servers drop provider records without an address */
  hasAddress: () => boolean
  /** Aborted when the DHT stops. It is a new one after each start. */
  shutDown: () => AbortSignal
}

/**
 * Puts many records at once, region by region. A put sends all that waits, that of earlier puts
 * included, and tells of all of it.
 */
export class BulkPublisher {
  readonly #init: BulkPublisherInit

  constructor (init: BulkPublisherInit) {
    this.#init = init
  }

  /**
   * Provide many CIDs
   *
   * @throws {PublishStoreError} The database of keys can't be used
   * @throws {TypeError} One is no CID. Those before it are in the database.
   * @throws {Error} This node has no address, or the DHT is not started
   */
  provideMany (cids: AsyncIterable<CID> | Iterable<CID>, options: AbortOptions = {}): AsyncGenerator<BulkPutEvent> {
    return this.#putAll(providerKeys(cids), options, true)
  }

  /**
   * Put many values
   *
   * @throws {PublishStoreError} The database of keys can't be used
   */
  putMany (records: AsyncIterable<BulkRecord> | Iterable<BulkRecord>, options: AbortOptions = {}): AsyncGenerator<BulkPutEvent> {
    return this.#putAll(valueKeys(records), options)
  }

  async * #putAll (keys: AsyncIterable<NewKey>, options: AbortOptions, needsAddress = false): AsyncGenerator<BulkPutEvent> {
    const shutDown = this.#init.shutDown()

    if (!this.#init.isStarted()) {
      throw new Error('The DHT is not started')
    }

    if (needsAddress && !this.#init.hasAddress()) {
      throw new Error('This node has no address, so servers would drop its provider records: listen on an address, announce one or listen on a relay')
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
      // when the DHT stops, a bulk put ends without an error, as a lookup does
      if (!shutDown.aborted || options.signal?.aborted === true) {
        throw err
      }
    } finally {
      controller.abort()
      await work.catch(() => {})
    }
  }

  async #addAndSend (source: AsyncIterable<NewKey>, events: Pushable<BulkPutEvent>, signal: AbortSignal): Promise<void> {
    const { keys, runner } = this.#init

    await keys.add(source, {
      signal,
      onAdded: ({ added, changed, known }) => { events.push({ type: 'added', keys: added + changed + known }) }
    })
    await runner.inTurn(async () => {
      const onEvent = this.#teller(events)
      const ready = async (): Promise<void> => this.#ready(events, signal)

      for (let pass = 0; pass < BULK_LIMITS.passes && keys.queued > 0; pass++) {
        const { stored } = await runner.sendWaiting({ onEvent, ready, signal })

        if (stored === 0) {
          return
        }
      }
    }, signal)
  }

  /**
   * Wait until the consumer has caught up
   *
   * @throws {TimeoutError} It reads nothing any more: others wait for their turn
   */
  async #ready (events: Pushable<BulkPutEvent>, signal: AbortSignal): Promise<void> {
    if (events.readableLength <= MAX_UNREAD) {
      return
    }

    const timeout = Promise.withResolvers<never>()
    const timer = setTimeout(() => { timeout.reject(new TimeoutError('The events of the bulk put were not read')) }, MAX_UNREAD_MS)

    try {
      await Promise.race([events.onEmpty({ signal }), timeout.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Turns what a run tells into events */
  #teller (events: Pushable<BulkPutEvent>): (event: BulkRunEvent) => void {
    const soFar = { stored: 0, failed: 0, regions: 0, regionsFailed: 0 }

    return event => {
      switch (event.type) {
        case 'key':
          soFar[event.result]++
          events.push({ type: 'key', kind: event.key.kind, key: event.key.key, result: event.result, holders: event.holders })
          break
        case 'region':
        case 'regionFailed':
          soFar[event.type === 'region' ? 'regions' : 'regionsFailed']++
          events.push({ type: 'progress', ...soFar, waiting: this.#init.keys.queued })
          break
        default:
          event satisfies never
      }
    }
  }
}
