import { CHECKSUM_LENGTH, readRecord, signRecord } from '../checked-record.ts'
import type { AbstractSublevel } from 'abstract-level'
import type { Database } from '../database.ts'

/** A sublevel of bytes */
export type Table = AbstractSublevel<Database, unknown, Uint8Array, Uint8Array>

/**
 * How many keys there are. They are written with each change, in the same batch, so that
 * nobody has to count.
 */
export interface KeyCounts {
  /** Keys in the database, those that can't be read included */
  keys: number
  /** Keys that wait to be stored */
  queued: number
}

/** Where the counts are in their table */
export const COUNTS_PLACE = new TextEncoder().encode('counts')

const VERSION = 1

/** How many entries are counted at a time */
const PAGE = 10_000

/**
 * Format: one byte for the version, two float64 for keys and queued, and the checksum
 */
export function encodeCounts ({ keys, queued }: KeyCounts): Uint8Array {
  const bytes = new Uint8Array(17 + CHECKSUM_LENGTH)
  const view = new DataView(bytes.buffer)

  view.setUint8(0, VERSION)
  view.setFloat64(1, keys)
  view.setFloat64(9, queued)

  return signRecord(COUNTS_PLACE, bytes)
}

/**
 * Reads what was counted; what is missing or can't be read is counted anew
 */
export async function readCounts (counts: Table, keys: Table, queue: Table): Promise<KeyCounts> {
  const bytes = await counts.get(COUNTS_PLACE)
  const record = bytes === undefined ? undefined : readRecord(COUNTS_PLACE, bytes, [VERSION], reader => ({ keys: reader.float64(), queued: reader.float64() }))

  return record?.type === 'readable' ? record.content : { keys: await count(keys), queued: await count(queue) }
}

async function count (table: Table): Promise<number> {
  const entries = table.keys()
  let counted = 0

  try {
    while (true) {
      const { length } = await entries.nextv(PAGE)

      if (length === 0) {
        return counted
      }

      counted += length
    }
  } finally {
    await entries.close()
  }
}
