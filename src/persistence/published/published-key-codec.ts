import { CHECKSUM_LENGTH, readRecord, signRecord } from '../checked-record.ts'
import type { RecordReader } from '../checked-record.ts'
import type { KeyPlace, PublishedKey, PublishedKind, UnreadableKey } from './published-key.ts'

/**
 * An entry's key is the kad id and one byte for the kind. Record format, big-endian:
 *
 * | bytes | what |
 * |---|---|
 * | 1 | format version |
 * | 8 | float64: addedAt, ms since the epoch |
 * | 2 + n | length and key |
 * | n | the value, of a key with one |
 * | 4 | CRC-32 of the entry's key followed by everything above |
 *
 * A later version may change all but the first byte.
 */
const VERSION = 1

/** Part of the format: a number is never given to another kind */
const KIND_CODES: Record<PublishedKind, number> = { provider: 1, value: 2 }
const KINDS_BY_CODE = new Map(Object.entries(KIND_CODES).map(([kind, code]) => [code, kind as PublishedKind]))

const HEAD_LENGTH = 11

/**
 * An entry that was read, or why it can't be
 */
export type DecodedKey =
  | { type: 'readable', key: PublishedKey }
  | { type: 'unreadable', entry: UnreadableKey }

/**
 * The key of an entry of the database. They are in the order of the kad ids.
 */
export function encodePlace ({ kadId, kind }: KeyPlace): Uint8Array {
  const bytes = new Uint8Array(kadId.byteLength + 1)
  bytes.set(kadId)
  bytes[kadId.byteLength] = KIND_CODES[kind]

  return bytes
}

/**
 * Reads what `encodePlace` wrote. The kind is undefined when another release wrote it.
 */
export function decodePlace (place: Uint8Array): Pick<UnreadableKey, 'kadId' | 'kind'> {
  return { kadId: new Uint8Array(place.subarray(0, -1)), kind: KINDS_BY_CODE.get(place.at(-1) ?? 0) }
}

/**
 * The bytes that the database keeps under the key's place
 */
export function encodePublishedKey (published: PublishedKey): Uint8Array {
  const { key, value = new Uint8Array(0), addedAt } = published
  const bytes = new Uint8Array(HEAD_LENGTH + key.byteLength + value.byteLength + CHECKSUM_LENGTH)
  const view = new DataView(bytes.buffer)

  view.setUint8(0, VERSION)
  view.setFloat64(1, addedAt)
  view.setUint16(9, key.byteLength)
  bytes.set(key, HEAD_LENGTH)
  bytes.set(value, HEAD_LENGTH + key.byteLength)

  return signRecord(encodePlace(published), bytes)
}

/**
 * Reads what `encodePublishedKey` wrote. It never throws: an entry is unreadable when a byte
 * of its place or of its record has changed.
 *
 * @param place - The key under which the record was found
 */
export function decodePublishedKey (place: Uint8Array, record: Uint8Array): DecodedKey {
  const { kadId, kind } = decodePlace(place)
  const read = readRecord(place, record, [VERSION], readContent)

  if (read.type === 'unreadable') {
    return { type: 'unreadable', entry: { kadId, kind, reason: read.reason } }
  }

  const { key, value, addedAt } = read.content

  switch (kind) {
    case 'provider':
      return value.byteLength > 0 ? { type: 'unreadable', entry: { kadId, kind, reason: 'damaged' } } : { type: 'readable', key: { kadId, kind, key, addedAt } }
    case 'value':
      return { type: 'readable', key: { kadId, kind, key, value, addedAt } }
    case undefined:
      // its checksum is right, so another release wrote it
      return { type: 'unreadable', entry: { kadId, kind, reason: 'unknown-version' } }
    default:
      return kind satisfies never
  }
}

function readContent (reader: RecordReader): { addedAt: number, key: Uint8Array, value: Uint8Array } {
  const addedAt = reader.float64()
  const key = reader.take(reader.uint16())
  const value = reader.take(reader.left)

  if (!Number.isFinite(addedAt) || key.byteLength === 0) {
    throw new RangeError('nobody can have added it')
  }

  return { addedAt, key, value }
}
