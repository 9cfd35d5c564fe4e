import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { explainStoreFailure } from './explain-store-failure.ts'
import { loadLevel } from './load-level.ts'
import { claimRecords, releaseRecords } from './owned-records.ts'
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

/**
 * LevelDB checks no checksums when it reads. Uncompressed, and with keys that share no
 * bytes with their neighbours, a damaged byte on disk stays within its entry, where the
 * record's own checksum finds it.
 */
const LAYOUT = { compression: false, blockRestartInterval: 1 }

/** Through to the disk: a flush that was reported done outlives a power failure */
const DURABLE = { ...BINARY, sync: true }

/** Locations that this process has open, by what tells their directories apart */
const openLocations = new Set<string>()

/** Entries read at a time: an engine answers many at once several times faster */
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
     * Whose records these are, as a peer id: with one, nodes that share database and
     * prefix have each their own. An owner without records begins with a copy of
     * those that were used last, and who used them keeps its own; the records of the
     * eight last owners are kept.
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
  /** The database that this store opened and has to close */
  #own: Level | undefined
  /** What has to be given back when the store is closed */
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

    if (this.#records != null) {
      return
    }

    try {
      const db = await this.#openDatabase()
      const records = db.sublevel<Uint8Array, Uint8Array>(await this.#claim(db), BINARY)
      await records.open()
      this.#records = records
    } catch (err) {
      // what did not open whole must not stay locked
      await this.#letGo().catch(() => {})
      throw this.#explain('opened', err)
    }
  }

  async * load (onUnreadable: (entry: UnreadableEntry) => void, options?: AbortOptions): AsyncGenerator<StoredPeer> {
    const entries = this.#opened().iterator()

    try {
      while (true) {
        options?.signal?.throwIfAborted()
        const batch = await entries.nextv(READ_AHEAD).catch(err => { throw this.#explain('read', err) })

        if (batch.length === 0) {
          return
        }

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

      // the engine lost its place in a damaged block: what it read before stands
      onUnreadable({ key: err.cause instanceof Error ? err.cause.message : err.message, peer: undefined, reason: 'damaged' })
    } finally {
      await entries.close().catch(() => {})
    }
  }

  async write (batch: { put: StoredPeer[], delete: Uint8Array[] }, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#written = true

    await this.#opened().batch<Uint8Array, Uint8Array>([
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

      if (this.#own?.status === 'open' && this.#written) {
        await compact(this.#own)
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

    if (this.#own != null) {
      await this.#own.open()

      return this.#own
    }

    const directory = new StoreDirectory(this.#init.location)
    const path = await directory.prepare()
    const identity = await directory.identity()

    // the engine tells directories apart by how their paths are written
    if (openLocations.has(identity)) {
      throw inUse(path)
    }

    openLocations.add(identity)
    this.#release = () => { openLocations.delete(identity) }

    if (await directory.isBeheaded()) {
      throw Object.assign(new Error('CURRENT is missing'), { code: 'LEVEL_CORRUPTION' })
    }

    const { Level } = await loadLevel()
    const db = this.#own = new Level(path, LAYOUT)
    await db.open()
    // what can't be read is found out when it is needed
    await this.#mark(db, directory).catch(() => {})

    return db
  }

  /** A database in which there is more than scores is never taken for ours alone */
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

    if (owner == null) {
      return name
    }

    const claimed = await claimRecords(db, name, sublevelName(owner))

    if (claimed == null) {
      throw inUse(owner)
    }

    this.#release = () => { releaseRecords(db, claimed) }

    return claimed
  }

  async #letGo (): Promise<void> {
    // one that can't be closed stays ours, to be closed the next time
    await this.#own?.close()
    this.#own = undefined
    this.#release()
    this.#release = () => {}
  }

  #opened (): Records {
    if (this.#records == null) {
      throw new ScoreStoreError(`${this.name} is not open`, { problem: 'closed' })
    }

    return this.#records
  }

  #explain (doing: string, err: unknown): ScoreStoreError {
    return explainStoreFailure(this.name, doing, err)
  }
}

/** As the engine says it of another process */
function inUse (what: string): Error {
  return Object.assign(new Error(`${what} is in use`), { code: 'LEVEL_LOCKED' })
}

/**
 * Moves what was written from LevelDB's log, which loses a whole batch to one damaged
 * byte, to its tables, which lose one entry
 */
async function compact (db: Level): Promise<void> {
  if ('compactRange' in db && typeof db.compactRange === 'function') {
    await db.compactRange('', '~')
  }
}

/** Sublevel names are of printable ASCII and without their separator; protocols are as good as always */
function sublevelName (prefix: string): string {
  return encodeURI(prefix).replaceAll('!', '%21')
}
