import { inUse, OwnDatabase, sublevelName } from '../own-database.ts'
import { KeyTables } from './key-tables.ts'
import type { Database } from '../database.ts'

const DEFAULT_PREFIX = 'published-keys'

/** What this process uses of each database that was given: two that count would count wrong */
const claims = new WeakMap<Database, Set<string>>()

/**
 * Where published keys are kept
 */
export type KeyDatabaseInit =
  | {
    /** Directory, or name in a browser, of a LevelDB database of its own; created when it is missing */
    location: string
  }
  | {
    /** A database of the caller's, who opens and closes it; or what makes it, when it is needed first */
    db: Database | (() => Promise<Database>)

    /**
     * Keeps the keys apart from whatever else is in the database
     *
     * @default 'published-keys'
     */
    prefix?: string
  }

/**
 * The database of published keys: one of its own at a location, or a part of one that was given
 */
export class KeyDatabase {
  readonly #init: KeyDatabaseInit
  /** The database, where it has to be opened and closed here */
  #own: OwnDatabase | undefined
  #tables: KeyTables | undefined
  /** The database that was given, while its keys are claimed */
  #claimed: Database | undefined
  #given: Database | undefined

  constructor (init: KeyDatabaseInit) {
    this.#init = init
  }

  /** What it is called in messages */
  get name (): string {
    return 'db' in this.#init ? `database of published keys '${this.#prefix}' in the database given` : `database of published keys at ${this.#init.location}`
  }

  /**
   * @throws {Error} The engine's error. `close` is to be called then, too
   */
  async open (): Promise<KeyTables> {
    const tables = this.#tables = new KeyTables(await this.#openDatabase(), sublevelName(this.#prefix))
    await tables.open()

    return tables
  }

  /** Let go of it. What can't be closed is kept, and the next call tries again */
  async close (): Promise<void> {
    try {
      await this.#own?.flush()
      await this.#tables?.close()
    } finally {
      await this.#own?.close()
      this.#tables = undefined

      if (this.#claimed !== undefined) {
        claims.get(this.#claimed)?.delete(this.#prefix)
        this.#claimed = undefined
      }
    }
  }

  async #openDatabase (): Promise<Database> {
    if (!('db' in this.#init)) {
      this.#own ??= new OwnDatabase(this.#init.location)

      return this.#own.open()
    }

    const db = this.#given ??= typeof this.#init.db === 'function' ? await this.#init.db() : this.#init.db
    const claimed = claims.get(db) ?? new Set()
    claims.set(db, claimed)

    if (claimed.has(this.#prefix)) {
      throw inUse(this.#prefix)
    }

    claimed.add(this.#prefix)
    this.#claimed = db
    await db.open({ passive: true })

    return db
  }

  get #prefix (): string {
    return 'db' in this.#init ? this.#init.prefix ?? DEFAULT_PREFIX : DEFAULT_PREFIX
  }
}
