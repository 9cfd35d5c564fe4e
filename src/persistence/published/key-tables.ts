import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { COUNTS_PLACE, encodeCounts, readCounts } from './key-counts.ts'
import { RegionTimes } from './region-times.ts'
import type { KeyCounts, Table } from './key-counts.ts'
import type { Database } from '../database.ts'
import type { AbstractBatchOperation } from 'abstract-level'

const BINARY = { keyEncoding: 'view', valueEncoding: 'view' }

/** A write ends when it has reached the disk, so that it outlives a power failure */
const DURABLE = { ...BINARY, sync: true }

type Operation = AbstractBatchOperation<Database, Uint8Array, Uint8Array>

/**
 * What the database has of a place
 */
export interface KeyState {
  /** The key's record; undefined when there is none */
  record: Uint8Array | undefined
  /** Whether it waits to be stored */
  isQueued: boolean
}

/**
 * The tables of the published keys. One change follows the other: the caller sees to that.
 *
 * | table | entry |
 * |---|---|
 * | `keys` | place of a key: its record |
 * | `queue` | place of a key that waits to be stored: how long its record is, so that a reader knows how many it can hold |
 * | `regions` | prefix: when all keys under it were sent |
 * | `counts` | how many keys there are |
 */
export class KeyTables {
  readonly keys: Table
  readonly queue: Table
  readonly regions: RegionTimes
  readonly #all: Table
  readonly #counts: Table
  #counted: KeyCounts = { keys: 0, queued: 0 }

  /**
   * @param db - A database that is open
   * @param name - Of the sublevel that has all tables
   */
  constructor (db: Database, name: string) {
    this.#all = db.sublevel<Uint8Array, Uint8Array>(name, BINARY)
    this.keys = this.#all.sublevel<Uint8Array, Uint8Array>('keys', BINARY)
    this.queue = this.#all.sublevel<Uint8Array, Uint8Array>('queue', BINARY)
    this.regions = new RegionTimes(this.#all)
    this.#counts = this.#all.sublevel<Uint8Array, Uint8Array>('counts', BINARY)
  }

  /** To be awaited before all else */
  async open (): Promise<void> {
    await Promise.all([this.#all, this.keys, this.queue, this.#counts].map(async table => table.open()))
    await this.regions.open()
    this.#counted = await readCounts(this.#counts, this.keys, this.queue)
  }

  async close (): Promise<void> {
    await this.regions.close()
    await Promise.all([this.keys, this.queue, this.#counts].map(async table => table.close()))
    await this.#all.close()
  }

  /** How many keys there are on the disk */
  get counts (): KeyCounts {
    return this.#counted
  }

  /**
   * Change the state of some places in one batch. After a crash either all of it is done or nothing.
   *
   * @param placeOf - The place of an item. Two items may have the same.
   * @param change - What becomes of the place's state. The same object is returned where nothing does.
   */
  async change<T> (items: T[], placeOf: (item: T) => Uint8Array, change: (item: T, state: KeyState) => KeyState): Promise<void> {
    const places = items.map(placeOf)
    const [records, queued] = await Promise.all([this.keys.getMany(places), this.queue.getMany(places)])
    const changed = new Map<string, { place: Uint8Array, before: KeyState, after: KeyState }>()

    for (const [index, item] of items.entries()) {
      const place = places[index]
      const name = uint8ArrayToString(place, 'base64')
      const before = { record: records[index], isQueued: queued[index] !== undefined }
      const entry = changed.get(name) ?? { place, before, after: before }

      entry.after = change(item, entry.after)
      changed.set(name, entry)
    }

    await this.#write([...changed.values()])
  }

  async #write (changes: Array<{ place: Uint8Array, before: KeyState, after: KeyState }>): Promise<void> {
    const operations: Operation[] = []
    let { keys, queued } = this.#counted

    for (const { place, before, after } of changes) {
      if (after.record !== before.record) {
        operations.push(operation(this.keys, place, after.record))
        keys += Number(after.record !== undefined) - Number(before.record !== undefined)
      }

      if (after.isQueued !== before.isQueued || (after.isQueued && after.record !== before.record)) {
        operations.push(operation(this.queue, place, after.isQueued ? encodeLength(after.record) : undefined))
        queued += Number(after.isQueued) - Number(before.isQueued)
      }
    }

    if (operations.length > 0) {
      const counted = { keys, queued }
      await this.#all.batch<Uint8Array, Uint8Array>([...operations, operation(this.#counts, COUNTS_PLACE, encodeCounts(counted))], DURABLE)
      this.#counted = counted
    }
  }
}

/** How long the record is of which an entry of the queue tells that */
export function decodeLength (entry: Uint8Array): number {
  // whatever it is that was damaged: it decides how many are read at a time, and nothing else
  return entry.byteLength === 4 ? new DataView(entry.buffer, entry.byteOffset).getUint32(0) : 0
}

function encodeLength (record: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, record?.byteLength ?? 0)

  return bytes
}

function operation (sublevel: Table, key: Uint8Array, value: Uint8Array | undefined): Operation {
  return value === undefined ? { type: 'del', sublevel, key } : { type: 'put', sublevel, key, value }
}
