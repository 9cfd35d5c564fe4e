import { loadLevel } from './load-level.ts'
import { StoreDirectory } from './store-directory.ts'
import type { Level } from 'level'

/**
 * LevelDB checks no checksums when it reads. Without compression, and with keys that are
 * written in full, a damaged byte on disk damages one entry only, and the record's own
 * checksum finds it.
 */
const LAYOUT = { compression: false, blockRestartInterval: 1 }

/** Directories that this process has open, by their identity */
const openLocations = new Set<string>()

/**
 * A LevelDB database that a store has opened for itself, at a location of its own
 */
export class OwnDatabase {
  readonly #location: string
  #db: Level | undefined
  #identity: string | undefined

  /**
   * @param location - Its directory, or its name in a browser; created when it is missing
   */
  constructor (location: string) {
    this.#location = location
  }

  /**
   * Open it. One that is open stays so.
   *
   * @throws {Error} The engine's error, also where this process has the directory open already. `close` is to be called then, too
   */
  async open (): Promise<Level> {
    if (this.#db !== undefined) {
      await this.#db.open()

      return this.#db
    }

    const directory = new StoreDirectory(this.#location)
    const path = await directory.prepare()
    const identity = await directory.identity()

    // the engine takes two spellings of a path for two directories
    if (openLocations.has(identity)) {
      throw inUse(path)
    }

    openLocations.add(identity)
    this.#identity = identity

    if (await directory.isBeheaded()) {
      throw Object.assign(new Error('CURRENT is missing'), { code: 'LEVEL_CORRUPTION' })
    }

    const { Level } = await loadLevel()
    const db = this.#db = new Level(path, LAYOUT)
    await db.open()

    return db
  }

  /**
   * Moves what was written from LevelDB's log to its tables, and brings all tables in order. One
   * damaged byte costs a whole batch in the log, and one entry in a table.
   */
  async compact (): Promise<void> {
    await this.#compact('', '~')
  }

  /** Moves what was written from LevelDB's log to its tables, and no more: the time does not grow with the database */
  async flush (): Promise<void> {
    // there are no keys beyond it, so that nothing is left to be brought in order
    await this.#compact('~', '~')
  }

  async #compact (start: string, end: string): Promise<void> {
    const db = this.#db

    if (db?.status === 'open' && 'compactRange' in db && typeof db.compactRange === 'function') {
      await db.compactRange(start, end)
    }
  }

  /** Close it. One that can't be closed is kept, and the next call tries again. */
  async close (): Promise<void> {
    await this.#db?.close()
    this.#db = undefined

    if (this.#identity !== undefined) {
      openLocations.delete(this.#identity)
      this.#identity = undefined
    }
  }
}

/**
 * The error that the engine gives when another process has the database
 */
export function inUse (what: string): Error {
  return Object.assign(new Error(`${what} is in use`), { code: 'LEVEL_LOCKED' })
}

/**
 * A name of printable ASCII without `!`, which separates sublevels. Nearly every protocol's
 * name stays as it is.
 */
export function sublevelName (prefix: string): string {
  return encodeURI(prefix).replaceAll('!', '%21')
}
