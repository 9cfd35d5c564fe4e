import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { loadLevel } from './load-level.ts'
import { decodeStoredPeer, encodeStoredPeer } from './score-record-codec.ts'
import { ScoreStoreError } from './score-store-error.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from './score-store.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { AbstractLevel, AbstractSublevel } from 'abstract-level'
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

/** Entries read at a time: an engine answers many at once several times faster */
const READ_AHEAD = 1_000

/** Any database of the family, whatever it makes of its keys and values by default */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the types are invariant: no other argument accepts every database
export type Database = AbstractLevel<any, any, any>

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
  }

/**
 * Scores in LevelDB, or in any other database of the abstract-level family
 */
export class LevelScoreStore implements ScoreStore {
  readonly #init: LevelScoreStoreInit
  #records: Records | undefined
  /** The database that this store opened and has to close */
  #own: Level | undefined
  #written = false

  constructor (init: LevelScoreStoreInit) {
    this.#init = init
  }

  async open (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()

    if (this.#records != null) {
      return
    }

    try {
      const records = (await this.#openDatabase()).sublevel<Uint8Array, Uint8Array>(sublevelName(this.#init), BINARY)
      await records.open()
      this.#records = records
    } catch (err) {
      throw new ScoreStoreError(`${nameOf(this.#init)} ${reasonOf(err)}`, { cause: err })
    }
  }

  async * load (onUnreadable: (entry: UnreadableEntry) => void, options?: AbortOptions): AsyncGenerator<StoredPeer> {
    const entries = this.#opened().iterator()

    try {
      while (true) {
        options?.signal?.throwIfAborted()
        const batch = await entries.nextv(READ_AHEAD)

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
      if (err.code !== 'LEVEL_CORRUPTION') {
        throw err
      }

      // the engine lost its place in a damaged block: what it read before stands
      onUnreadable({ key: err.message, peer: undefined, reason: 'damaged' })
    } finally {
      await entries.close()
    }
  }

  async write (batch: { put: StoredPeer[], delete: Uint8Array[] }, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#written = true

    await this.#opened().batch<Uint8Array, Uint8Array>([
      ...batch.put.map(peer => ({ type: 'put' as const, key: peer.peer, value: encodeStoredPeer(peer) })),
      ...batch.delete.map(key => ({ type: 'del' as const, key }))
    ], DURABLE)
  }

  async clear (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#written = true

    await this.#opened().clear()
  }

  async close (): Promise<void> {
    await this.#records?.close()
    this.#records = undefined

    if (this.#own != null && this.#written) {
      await compact(this.#own)
    }

    await this.#own?.close()
    this.#own = undefined
    this.#written = false
  }

  async #openDatabase (): Promise<Database> {
    if ('db' in this.#init) {
      await this.#init.db.open({ passive: true })

      return this.#init.db
    }

    const { Level } = await loadLevel()
    const db = new Level(this.#init.location, LAYOUT)
    await db.open()
    this.#own = db

    return db
  }

  #opened (): Records {
    if (this.#records == null) {
      throw new ScoreStoreError(`${nameOf(this.#init)} is not open`)
    }

    return this.#records
  }
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

function nameOf (init: LevelScoreStoreInit): string {
  return 'db' in init ? `score store '${init.prefix ?? DEFAULT_PREFIX}' in the database given` : `score store at ${init.location}`
}

/** Sublevel names are of printable ASCII and without their separator; protocols are as good as always */
function sublevelName (init: LevelScoreStoreInit): string {
  const prefix = 'db' in init ? init.prefix ?? DEFAULT_PREFIX : DEFAULT_PREFIX

  return encodeURI(prefix).replaceAll('!', '%21')
}

function reasonOf (err: Error & { code?: string }): string {
  const cause: Error & { code?: string } = err.cause instanceof Error ? err.cause : err
  const [message] = cause.message.split('\n')

  // from the directory or, as an IO error, from LevelDB's files in it
  if (cause.code === 'EACCES' || message.endsWith('Permission denied')) {
    return "can't be opened: permission denied"
  }

  switch (cause.code) {
    case 'LEVEL_LOCKED':
      return 'is in use by another process, or by another node in this one'
    case 'LEVEL_CORRUPTION':
      return `is damaged: ${message}`
    case 'LEVEL_DATABASE_NOT_OPEN':
      return "can't be used: the database is not open"
    case 'EEXIST':
    case 'ENOTDIR':
      return "can't be opened: there is a file where its directory should be"
    default:
      return `can't be opened: ${message}`
  }
}
