import crc32 from 'crc-32'

/** How many bytes at the end of a record are its checksum */
export const CHECKSUM_LENGTH = 4

/**
 * A record that was read, or why it can't be
 */
export type CheckedRecord<T> =
  | { type: 'readable', content: T }
  | { type: 'unreadable', reason: 'damaged' | 'unknown-version' }

/**
 * Writes a record's checksum, the CRC-32 of its key followed by all that is before it, into
 * its last four bytes
 *
 * @returns The same bytes
 */
export function signRecord (key: Uint8Array, record: Uint8Array): Uint8Array {
  const end = record.byteLength - CHECKSUM_LENGTH
  new DataView(record.buffer, record.byteOffset).setUint32(end, checksum(key, record.subarray(0, end)))

  return record
}

/**
 * Reads a record whose first byte is its version and whose last four are its checksum. It is
 * unreadable when a byte of its key or value has changed, or when `read` says so.
 *
 * @param versions - Those that `read` knows. A record of another is left for the release that wrote it.
 * @param read - Reads what is between version and checksum; a `RangeError` says that there can be no such content. What it takes shares no memory with `value`.
 */
export function readRecord<T> (key: Uint8Array, value: Uint8Array, versions: readonly number[], read: (reader: RecordReader, version: number) => T): CheckedRecord<T> {
  const length = value.byteLength - CHECKSUM_LENGTH
  const version = value.at(0)

  if (version !== undefined && !versions.includes(version)) {
    return { type: 'unreadable', reason: 'unknown-version' }
  }

  if (version === undefined || length < 1) {
    return { type: 'unreadable', reason: 'damaged' }
  }

  // a copy, and no Buffer: the content must not keep the engine's memory alive
  const bytes = new Uint8Array(value)

  if (new DataView(bytes.buffer).getUint32(length) !== checksum(key, bytes.subarray(0, length))) {
    return { type: 'unreadable', reason: 'damaged' }
  }

  try {
    const reader = new RecordReader(bytes.subarray(1, length))
    const content = read(reader, version)
    reader.assertEnd()

    return { type: 'readable', content }
  } catch (err) {
    if (!(err instanceof RangeError)) {
      throw err
    }

    return { type: 'unreadable', reason: 'damaged' }
  }
}

/**
 * Steps through a record, big-endian. A step beyond its end throws a RangeError.
 */
export class RecordReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** How many bytes are left */
  get left (): number {
    return this.#bytes.byteLength - this.#offset
  }

  uint8 (): number {
    return this.#bytes[this.#skip(1)]
  }

  uint16 (): number {
    return this.uint8() * 256 + this.uint8()
  }

  float64 (): number {
    return this.view(8).getFloat64(0)
  }

  /** So many bytes */
  take (length: number): Uint8Array {
    return this.#bytes.subarray(this.#skip(length), this.#offset)
  }

  /** So many bytes, to read numbers of them */
  view (length: number): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#skip(length), length)
  }

  /** Throws a RangeError when there is more */
  assertEnd (): void {
    if (this.#offset !== this.#bytes.byteLength) {
      throw new RangeError('record goes on after its end')
    }
  }

  /** @returns Where the bytes begin that were stepped over */
  #skip (length: number): number {
    const start = this.#offset
    this.#offset += length

    if (this.#offset > this.#bytes.byteLength) {
      throw new RangeError('record ends early')
    }

    return start
  }
}

function checksum (key: Uint8Array, content: Uint8Array): number {
  return crc32.buf(content, crc32.buf(key)) >>> 0
}
