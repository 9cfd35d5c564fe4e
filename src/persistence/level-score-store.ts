import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { explainStoreFailure } from './explain-store-failure.ts'
import { areKept, claimRecords, releaseRecords } from './owned-records.ts'
import { inUse, OwnDatabase, sublevelName } from './own-database.ts'
import { decodeStoredPeer, encodeStoredPeer } from './score-record-codec.ts'
import { ScoreStoreError } from './score-store-error.ts'
import { StoreDirectory } from './store-directory.ts'
import type { Database } from './database.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from './score-store.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { AbstractSublevel } from 'abstract-level'
import type { Level } from 'level'

const DEFAULT_PREFIX = 'peer-scores'

const BINARY = { keyEncoding: 'view', valueEncoding: 'view' }

/** A write ends when it has reached the disk, so that it outlives a power failure */
const DURABLE = { ...BINARY, sync: true }

/** How many entries are read at a time: an engine gives many at once several times faster */
const READ_AHEAD = 1_000

type Records = AbstractSublevel<Database, unknown, Uint8Array, Uint8Array>

/**
 * Where a `LevelScoreStore` keeps its records
 */
export type LevelScoreStoreInit =
  | {
    /** Directory, or name in a browser, of a LevelDB database of the store's own; created when it is missing */
    location: string
  }
  | {
    /** A database of the caller's, who opens and closes it */
    db: Database

    /**
     * Keeps this store apart from whatever else is in the database
     *
     * @default 'peer-scores'
     */
    prefix?: string

    /**
     * The peer id of the node whose records these are. With one, each of the nodes that
     * share database and prefix has records of its own. A new owner begins with a copy of
     * the records that were used last. The records of the eight last owners are kept.
     *
     * @default records without an owner, shared by all stores of this prefix
     */
    owner?: string
  }

/**
 * Scores in LevelDB, or in any other database of the abstract-level family
 */
export class LevelScoreStore implements ScoreStore {
  readonly #init: LevelScoreStoreInit
  #records: Records | undefined
  /** The database, where this store has opened it and has to close it */
  #own: OwnDatabase | undefined
  /** Gives up the claim to the records */
  #release: () => void = () => {}
  #written = false

  constructor (init: LevelScoreStoreInit) {
    this.#init = init
  }

  /** What it is called in messages */
  get name (): string {
    return 'db' in this.#init ? `score store '${this.#init.prefix ?? DEFAULT_PREFIX}' in the database given` : `score store at ${this.#init.location}`
  }

  async open (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()

    if (this.#records !== undefined) {
      return
    }

    try {
      const db = await this.#openDatabase()
      const records = db.sublevel<Uint8Array, Uint8Array>(await this.#claim(db), BINARY)
      await records.open()
      this.#records = records
    } catch (err) {
      // a store that did not open must not stay locked
      await this.#letGo().catch(() => {})
      throw this.#explain('opened', err)
    }
  }

  async * load (onUnreadable: (entry: UnreadableEntry) => void, options?: AbortOptions): AsyncGenerator<StoredPeer> {
    const entries = this.#opened().iterator()
    // the engine reads on while a batch is used
    let reading = readOn(entries)

    try {
      while (true) {
        options?.signal?.throwIfAborted()
        const batch = await reading.catch(err => { throw this.#explain('read', err) })

        if (batch.length === 0) {
          return
        }

        reading = readOn(entries)

        for (const [key, value] of batch) {
          const decoded = decodeStoredPeer(key, value)

          if (decoded.type === 'readable') {
            yield decoded.peer
          } else {
            onUnreadable({ key: uint8ArrayToString(key, 'base58btc'), peer: key, reason: decoded.reason })
          }
        }
      }
    } catch (err) {
      if (!(err instanceof ScoreStoreError) || err.problem !== 'damaged') {
        throw err
      }

      // the engine can't go on after a damaged block; the entries before it are good
      onUnreadable({ key: err.cause instanceof Error ? err.cause.message : err.message, peer: undefined, reason: 'damaged' })
    } finally {
      await entries.close().catch(() => {})
    }
  }

  async write (batch: { put: StoredPeer[], delete: Uint8Array[] }, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#written = true
    const records = this.#opened()
    await this.#checkClaim().catch(err => { throw this.#explain('written', err) })

    await records.batch<Uint8Array, Uint8Array>([
      ...batch.put.map(peer => ({ type: 'put' as const, key: peer.peer, value: encodeStoredPeer(peer) })),
      ...batch.delete.map(key => ({ type: 'del' as const, key }))
    ], DURABLE).catch(err => { throw this.#explain('written', err) })
  }

  async clear (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#written = true

    await this.#opened().clear().catch(err => { throw this.#explain('cleared', err) })
  }

  async close (): Promise<void> {
    try {
      await this.#records?.close()

      if (this.#written) {
        await this.#own?.compact()
      }
    } catch (err) {
      throw this.#explain('closed', err)
    } finally {
      this.#records = undefined
      this.#written = false
      await this.#letGo().catch(err => { throw this.#explain('closed', err) })
    }
  }

  async setAside (): Promise<string | undefined> {
    await this.close().catch(() => {})

    if ('db' in this.#init) {
      throw new ScoreStoreError(`${this.name} is damaged; mend or replace the database`, { problem: 'damaged' })
    }

    return new StoreDirectory(this.#init.location).setAside(`!${sublevelName(DEFAULT_PREFIX)}!`)
      .catch(err => { throw this.#explain('set aside', err) })
  }

  async #openDatabase (): Promise<Database> {
    if ('db' in this.#init) {
      await this.#init.db.open({ passive: true })

      return this.#init.db
    }

    this.#own ??= new OwnDatabase(this.#init.location)
    const db = await this.#own.open()
    // a database that can't be read says so when it is used
    await this.#mark(db, new StoreDirectory(this.#init.location)).catch(() => {})

    return db
  }

  /** Mark the directory as a score store's, unless the database holds something else as well */
  async #mark (db: Level, directory: StoreDirectory): Promise<void> {
    const mine = `!${sublevelName(DEFAULT_PREFIX)}`
    const outermost = [...await db.keys({ limit: 1 }).all(), ...await db.keys({ limit: 1, reverse: true }).all()]

    if (outermost.every(key => key.startsWith(`${mine}!`))) {
      await directory.mark()
    }
  }

  /** The sublevel with the records */
  async #claim (db: Database): Promise<string> {
    const prefix = 'db' in this.#init ? this.#init.prefix ?? DEFAULT_PREFIX : DEFAULT_PREFIX
    const owner = 'db' in this.#init ? this.#init.owner : undefined
    const name = sublevelName(prefix)

    if (owner === undefined) {
      return name
    }

    const claimed = await claimRecords(db, name, sublevelName(owner))

    if (claimed === undefined) {
      throw inUse(owner)
    }

    this.#release = () => { releaseRecords(db, claimed) }

    return claimed
  }

  /** Whoever opens the store anew claims its records anew, and writes all of them */
  async #checkClaim (): Promise<void> {
    if ('db' in this.#init && this.#init.owner !== undefined && !await areKept(this.#init.db, sublevelName(this.#init.prefix ?? DEFAULT_PREFIX), sublevelName(this.#init.owner))) {
      throw new Error('another tab or process has cleared its records')
    }
  }

  async #letGo (): Promise<void> {
    // a database that can't be closed is kept, and the next call tries again
    await this.#own?.close()
    this.#own = undefined
    this.#release()
    this.#release = () => {}
  }

  #opened (): Records {
    if (this.#records === undefined) {
      throw new ScoreStoreError(`${this.name} is not open`, { problem: 'closed' })
    }

    return this.#records
  }

  #explain (doing: string, err: unknown): ScoreStoreError {
    return explainStoreFailure(this.name, doing, err)
  }
}

/** The next entries. Nobody has to wait for them. */
function readOn (entries: { nextv: (size: number) => Promise<Array<[Uint8Array, Uint8Array]>> }): Promise<Array<[Uint8Array, Uint8Array]>> {
  const reading = entries.nextv(READ_AHEAD)
  reading.catch(() => {})

  return reading
}
