import { raceSignal } from 'race-signal'
import { checkNewKey } from './published/check-new-key.ts'
import { explainPublishFailure } from './published/explain-publish-failure.ts'
import { inBatches } from './published/in-batches.ts'
import { addKey, failKey, forgetBroken, removeKey, storeKey } from './published/key-changes.ts'
import { KeyDatabase } from './published/key-database.ts'
import { checkPrefix, WHOLE_KEYSPACE } from './published/keyspace-prefix.ts'
import { PublishStoreError } from './published/publish-store-error.ts'
import { decodePlace, decodePublishedKey, encodePlace } from './published/published-key-codec.ts'
import { readPages } from './published/read-pages.ts'
import { Turns } from './published/turns.ts'
import type { KeyState, KeyTables } from './published/key-tables.ts'
import type { KeyspacePrefix } from './published/keyspace-prefix.ts'
import type { KeyPlace, NewKey, PublishedKey, UnreadableKey } from './published/published-key.ts'
import type { AddedKeys, AddKeysOptions, Keys, PublishedKeysInit, ReadKeysOptions, RegionSentOptions } from './published/published-keys-options.ts'
import type { SentRegion } from './published/region-times.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { AbortOptions } from '@libp2p/interface'

/**
 * The keys that this node publishes, in a database that has them in the order of their kad ids: a
 * region is a range of it. It knows which of them wait to be stored, and when each region was
 * sent as a whole. What a call has confirmed outlives a crash.
 *
 * Each method but `close` has a signal, whose reason it throws as it is. All throw a
 * `PublishStoreError` when the database can't be used: what was asked is not done then, or not
 * all of it.
 */
export class PublishedKeys {
  readonly #database: KeyDatabase
  readonly #timeOfDay: () => number
  readonly #onUnreadable: (entry: UnreadableKey) => void
  /** One writer at a time, as each of them reads before it writes */
  readonly #turns = new Turns()
  #tables: KeyTables | undefined

  constructor (init: PublishedKeysInit) {
    this.#database = new KeyDatabase(init)
    this.#timeOfDay = init.timeOfDay
    this.#onUnreadable = init.onUnreadable ?? (() => {})
  }

  /** What it is called in messages */
  get name (): string {
    return this.#database.name
  }

  /** How many keys there are. It is kept, so that nobody has to count. */
  get size (): number {
    return this.#opened().counts.keys
  }

  /** How many keys wait to be stored. It is kept as well. */
  get queued (): number {
    return this.#opened().counts.queued
  }

  /**
   * Make it ready. One that is open stays so.
   *
   * @throws {PublishStoreError} Another process has it, or it can't be read; the message names its path, the reason and what to do
   */
  async open (options?: AbortOptions): Promise<void> {
    await this.#turns.take(async () => {
      if (this.#tables !== undefined) {
        return
      }

      try {
        const tables = await this.#database.open()
        // nobody would know that it is open
        options?.signal?.throwIfAborted()
        this.#tables = tables
      } catch (err) {
        // a database that did not open must not stay locked
        await this.#database.close().catch(() => {})
        throw this.#explain('opened', err)
      }
    }, options)
  }

  /** Let go of it, when all that was asked before is done. It may be opened again; one that is not open does not mind. */
  async close (): Promise<void> {
    await this.#turns.take(async () => {
      this.#tables = undefined
      await this.#database.close().catch(err => { throw this.#explain('closed', err) })
    })
  }

  /**
   * Add keys. They are taken from the source in batches of 1,000, the next when one is on the
   * disk. An error leaves the batches before it there.
   *
   * @returns How many of them were new
   * @throws {TypeError | RangeError} A key is none
   * @throws The error of the source
   */
  async add (keys: Keys<NewKey>, { onAdded = () => {}, ...options }: AddKeysOptions = {}): Promise<AddedKeys> {
    const soFar: AddedKeys = { added: 0, changed: 0, known: 0 }
    const add = (key: NewKey, before: KeyState): KeyState => {
      const { fate, state } = addKey(key, before, this.#timeOfDay())
      soFar[fate]++

      return state
    }

    for await (const batch of this.#batches(keys, key => { checkNewKey(key) }, options)) {
      await this.#change(batch, add, options)
      onAdded({ ...soFar })
    }

    return { ...soFar }
  }

  /** Remove keys. Those that are not there don't matter. What is at holders expires there. */
  async remove (keys: Keys<KeyPlace>, options?: AbortOptions): Promise<void> {
    await this.#changeAll(keys, removeKey, options)
  }

  /** Keys that were read were stored on their holders: they wait no longer, unless they have got another value meanwhile */
  async stored (keys: Keys<PublishedKey>, options?: AbortOptions): Promise<void> {
    await this.#changeAll(keys, storeKey, options)
  }

  /** Keys that were read could not be stored: they wait again, unless they were removed meanwhile */
  async failed (keys: Keys<KeyPlace>, options?: AbortOptions): Promise<void> {
    await this.#changeAll(keys, failKey, options)
  }

  /** Whether a key is there that can be read */
  async has (key: KeyPlace, options?: AbortOptions): Promise<boolean> {
    const place = encodePlace(key)
    const record = await this.#read(async tables => tables.keys.get(place), options)

    return record !== undefined && decodePublishedKey(place, record).type === 'readable'
  }

  /** All keys, in the order of their kad ids. See `range` */
  list (options?: ReadKeysOptions): AsyncGenerator<PublishedKey> {
    return this.range(WHOLE_KEYSPACE, options)
  }

  /**
   * The keys under a prefix, in the order of their kad ids. Some hundred kilobytes of them are read
   * ahead, and no more are held. What is added or removed meanwhile may be among them or not. A
   * damaged entry is deleted. Where a part of a file is damaged, all that can be read comes
   * before the error.
   *
   * @throws {RangeError} The prefix has more bits than there are
   */
  async * range (prefix: KeyspacePrefix, { onlyQueued = false, onUnreadable = this.#onUnreadable, ...options }: ReadKeysOptions = {}): AsyncGenerator<PublishedKey> {
    checkPrefix(prefix)

    for await (const page of this.#explained(readPages(this.#opened(), prefix, { onlyQueued, ...options }), options)) {
      const unreadable: Uint8Array[] = []

      for (const { place, record } of page) {
        options.signal?.throwIfAborted()
        const decoded = record === undefined ? undefined : decodePublishedKey(place, record)

        if (decoded?.type === 'readable') {
          yield decoded.key
          continue
        }

        unreadable.push(place)

        if (decoded !== undefined) {
          onUnreadable(decoded.entry)
        }
      }

      if (unreadable.length > 0) {
        await this.#forget(unreadable, onUnreadable, options)
      }
    }
  }

  /**
   * Remember that all keys under a prefix were sent
   *
   * @param atMs - When, ms since the epoch. An earlier time than is known already changes nothing
   * @throws {RangeError} The prefix has more bits than there are
   */
  async regionSent (prefix: KeyspacePrefix, atMs: number, { isLatest, ...options }: RegionSentOptions = {}): Promise<void> {
    checkPrefix(prefix)
    await this.#write(async tables => tables.regions.sent(prefix, atMs, isLatest), options)
  }

  /**
   * Since when all keys under a prefix have been sent, ms since the epoch: the oldest time of its
   * parts; undefined when one never was. A key that was added later waits to be stored.
   *
   * @throws {RangeError} The prefix has more bits than there are
   */
  async allSentAt (prefix: KeyspacePrefix, options?: AbortOptions): Promise<number | undefined> {
    checkPrefix(prefix)

    return this.#read(async tables => tables.regions.allSentAt(prefix), options)
  }

  /**
   * When a region that covers this kad id was sent last, ms since the epoch. A key that was added
   * later waits to be stored.
   */
  async sentAt (kadId: KadId, options?: AbortOptions): Promise<number | undefined> {
    return this.#read(async tables => tables.regions.sentAt(kadId), options)
  }

  /** The regions that were sent, in the order of their kad ids. They may lie within each other. */
  regions (options: AbortOptions = {}): AsyncGenerator<SentRegion> {
    return this.#explained(this.#opened().regions.list(), options)
  }

  async #changeAll<K extends KeyPlace> (keys: Keys<K>, change: (key: K, state: KeyState) => KeyState, options: AbortOptions = {}): Promise<void> {
    for await (const batch of this.#batches(keys, () => {}, options)) {
      await this.#change(batch, change, options)
    }
  }

  /** Delete what is damaged. A place of the queue that has lost its record is found here, too. */
  async #forget (places: Uint8Array[], onUnreadable: (entry: UnreadableKey) => void, options: AbortOptions): Promise<void> {
    const lost: UnreadableKey[] = []

    await this.#write(async tables => tables.change(places, place => place, (place, before) => {
      const after = forgetBroken(place, before)

      if (after !== before && before.record === undefined) {
        lost.push({ ...decodePlace(place), reason: 'damaged' })
      }

      return after
    }), options).catch(() => {
      // what can't be deleted now is met again
    })
    lost.forEach(onUnreadable)
  }

  #batches<K extends KeyPlace> (keys: Keys<K>, check: (key: K) => void, options: AbortOptions): AsyncGenerator<K[]> {
    // the source is left alone when nothing can be done with it
    this.#opened()

    return inBatches(keys, (key: K & Partial<NewKey>) => {
      check(key)

      return (key.key?.byteLength ?? 0) + (key.value?.byteLength ?? 0)
    }, options)
  }

  async #change<K extends KeyPlace> (keys: K[], change: (key: K, state: KeyState) => KeyState, options: AbortOptions): Promise<void> {
    await this.#write(async tables => tables.change(keys, encodePlace, change), options)
  }

  async #write (work: (tables: KeyTables) => Promise<void>, options?: AbortOptions): Promise<void> {
    await this.#turns.take(async () => work(this.#opened()).catch(err => { throw this.#explain('written', err) }), options)
  }

  async #read<T> (work: (tables: KeyTables) => Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
    signal?.throwIfAborted()

    return raceSignal(work(this.#opened()).catch(err => { throw this.#explain('read', err) }), signal)
  }

  /** Errors of the database are explained, those of the code that reads from it are not */
  async * #explained<T> (read: AsyncGenerator<T>, { signal }: AbortOptions): AsyncGenerator<T> {
    signal?.throwIfAborted()

    try {
      for await (const item of read) {
        signal?.throwIfAborted()
        yield item
      }
    } catch (err) {
      throw signal?.aborted === true ? err : this.#explain('read', err)
    }
  }

  #opened (): KeyTables {
    if (this.#tables === undefined) {
      throw new PublishStoreError(`${this.name} is not open`, { problem: 'closed' })
    }

    return this.#tables
  }

  #explain (doing: string, err: unknown): PublishStoreError {
    return explainPublishFailure(this.name, doing, err)
  }
}
