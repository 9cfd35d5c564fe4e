import { CHECKSUM_LENGTH, readRecord, signRecord } from '../checked-record.ts'
import { parsePrefix, prefixText } from './keyspace-prefix.ts'
import type { KeyspacePrefix } from './keyspace-prefix.ts'
import type { Database } from '../database.ts'
import type { KadId } from '../../keyspace/kad-id.ts'
import type { AbstractSublevel } from 'abstract-level'

/** Keys are the bits of a prefix as text: those under a prefix begin with it */
const ENCODINGS = { keyEncoding: 'utf8', valueEncoding: 'view' }

const DURABLE = { ...ENCODINGS, sync: true }

const VERSION = 1

/** How many entries are read and deleted at a time */
const PAGE = 1_000

/**
 * A region and when all keys in it were sent
 */
export interface SentRegion {
  prefix: KeyspacePrefix
  /** Ms since the epoch */
  sentAt: number
}

/**
 * When each region was sent as a whole: one small entry for each, and none for a key. Regions
 * become smaller and larger with the network, so they may lie within each other.
 */
export class RegionTimes {
  readonly #table: AbstractSublevel<Database, unknown, string, Uint8Array>
  /** No region has more bits */
  #longest = 0

  /**
   * @param parent - A database whose sublevel `regions` is used
   */
  constructor (parent: Database) {
    this.#table = parent.sublevel<string, Uint8Array>('regions', ENCODINGS)
  }

  /** To be awaited before all else */
  async open (): Promise<void> {
    await this.#table.open()

    for await (const page of this.#pages({})) {
      this.#longest = Math.max(this.#longest, ...page.map(([text]) => text.length))
    }
  }

  async close (): Promise<void> {
    await this.#table.close()
  }

  /**
   * Remember that all keys of a region were sent. Its parts that were sent before need no entry of their own any more.
   *
   * @param isLatest - Later times that are known are wrong: the clock was ahead. This one takes their place.
   */
  async sent (prefix: KeyspacePrefix, atMs: number, isLatest = false): Promise<void> {
    const text = prefixText(prefix)
    const known = decodeTime(text, await this.#table.get(text))

    if (known === undefined || known < atMs || isLatest) {
      await this.#table.put(text, encodeTime(text, atMs), DURABLE)
    }

    this.#longest = Math.max(this.#longest, text.length)

    for await (const page of this.#pages({ gt: text, lt: `${text}2` })) {
      const older = page.filter(([part, time]) => isLatest || (decodeTime(part, time) ?? -Infinity) <= atMs)
      await this.#table.batch(older.map(([key]) => ({ type: 'del', key })))
    }

    if (isLatest) {
      await this.#correctAround(text, atMs)
    }
  }

  /** Regions around this one have wrong times, too */
  async #correctAround (text: string, atMs: number): Promise<void> {
    const around = Array.from({ length: text.length }, (_, length) => text.slice(0, length))
    const times = await this.#table.getMany(around)
    const wrong = around.filter((part, i) => (decodeTime(part, times[i]) ?? -Infinity) > atMs)

    await this.#table.batch(wrong.map(part => ({ type: 'put', key: part, value: encodeTime(part, atMs) })), DURABLE)
  }

  /** The time since when all of a region has been sent: the oldest of its parts; undefined when a part never was */
  async allSentAt (prefix: KeyspacePrefix): Promise<number | undefined> {
    const text = prefixText(prefix)
    const around = Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length))
    const covering = (await this.#table.getMany(around)).map((time, i) => decodeTime(around[i], time) ?? -Infinity)
    const parts = new Map<string, number>()

    for await (const page of this.#pages({ gt: text, lt: `${text}2` })) {
      page.forEach(([part, time]) => parts.set(part, decodeTime(part, time) ?? -Infinity))
    }

    const oldest = oldestOf(text, Math.max(...covering), parts)

    return oldest === -Infinity ? undefined : oldest
  }

  /** The newest time at which a region was sent that covers this kad id; undefined when none was */
  async sentAt (kadId: KadId): Promise<number | undefined> {
    const text = prefixText({ bits: kadId, length: Math.min(this.#longest, kadId.byteLength * 8) })
    const covering = Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length))
    const times = (await this.#table.getMany(covering)).map((time, length) => decodeTime(covering[length], time)).filter(time => time !== undefined)

    return times.length === 0 ? undefined : Math.max(...times)
  }

  /** All regions that were sent, in the order of their first kad ids */
  async * list (): AsyncGenerator<SentRegion> {
    for await (const page of this.#pages({})) {
      for (const [text, time] of page) {
        const sentAt = decodeTime(text, time)

        if (sentAt !== undefined) {
          yield { prefix: parsePrefix(text), sentAt }
        }
      }
    }
  }

  async * #pages (bounds: { gt?: string, lt?: string }): AsyncGenerator<Array<[string, Uint8Array]>> {
    while (true) {
      const page = await this.#table.iterator({ ...bounds, limit: PAGE }).all()

      if (page.length > 0) {
        yield page
      }

      if (page.length < PAGE) {
        return
      }

      bounds = { ...bounds, gt: page[PAGE - 1][0] }
    }
  }
}

/**
 * The oldest time in a region
 *
 * @param around - The newest time of the regions around it and its own
 * @param parts - The times of parts of it
 */
function oldestOf (text: string, around: number, parts: ReadonlyMap<string, number>): number {
  if (![...parts.keys()].some(part => part.length > text.length && part.startsWith(text))) {
    return around
  }

  return Math.min(...['0', '1'].map(bit => oldestOf(text + bit, Math.max(around, parts.get(text + bit) ?? -Infinity), parts)))
}

/** Format: one byte for the version, a float64 for the time, and the checksum */
function encodeTime (text: string, atMs: number): Uint8Array {
  const bytes = new Uint8Array(9 + CHECKSUM_LENGTH)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setFloat64(1, atMs)

  return signRecord(new TextEncoder().encode(text), bytes)
}

/** A time that can't be read counts as none: the region is sent once more */
function decodeTime (text: string, bytes: Uint8Array | undefined): number | undefined {
  const record = bytes === undefined ? undefined : readRecord(new TextEncoder().encode(text), bytes, [VERSION], reader => reader.float64())

  return record?.type === 'readable' ? record.content : undefined
}
