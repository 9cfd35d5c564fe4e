import { describe, expect, test } from 'vitest'
import { CHECKSUM_LENGTH, readRecord, RecordReader, signRecord } from '../../src/persistence/checked-record.ts'

const KEY = Uint8Array.of(7, 8)
const RECORD = signRecord(KEY, Uint8Array.of(1, 2, 3, ...new Uint8Array(CHECKSUM_LENGTH)))

const read = (reader: RecordReader, version: number): number[] => [version, reader.uint16()]

describe('a record with a checksum', () => {
  test('is read as it was written, with its version', () => {
    expect(readRecord(KEY, RECORD, [1], read)).toEqual({ type: 'readable', content: [1, 0x0203] })
  })

  test('is damaged when a bit of it or of its key has changed', () => {
    for (let bit = 8; bit < RECORD.byteLength * 8; bit++) {
      expect(readRecord(KEY, flipped(RECORD, bit), [1], read)).toEqual({ type: 'unreadable', reason: 'damaged' })
    }

    for (let bit = 0; bit < KEY.byteLength * 8; bit++) {
      expect(readRecord(flipped(KEY, bit), RECORD, [1], read)).toEqual({ type: 'unreadable', reason: 'damaged' })
    }
  })

  test('is damaged when it is cut short', () => {
    for (let length = 0; length < RECORD.byteLength; length++) {
      expect(readRecord(KEY, RECORD.subarray(0, length), [1], read)).toEqual({ type: 'unreadable', reason: 'damaged' })
    }
  })

  test('of a version that nobody knows here is left as it is', () => {
    expect(readRecord(KEY, RECORD, [2, 3], read)).toEqual({ type: 'unreadable', reason: 'unknown-version' })
  })

  test('is damaged when its content ends early, goes on, or can not be', () => {
    for (const refuse of [
      (reader: RecordReader) => reader.float64(),
      (reader: RecordReader) => reader.uint8(),
      () => { throw new RangeError('there is no such thing') }
    ]) {
      expect(readRecord<unknown>(KEY, RECORD, [1], refuse)).toEqual({ type: 'unreadable', reason: 'damaged' })
    }
  })

  test('does not hide a mistake of its reader', () => {
    expect(() => readRecord(KEY, RECORD, [1], () => { throw new TypeError('a mistake') })).toThrow('a mistake')
  })

  test('shares no memory with what it was read from', () => {
    const value = Buffer.from(RECORD)
    const record = readRecord(KEY, value, [1], reader => reader.take(2))
    value.fill(0)

    expect(record).toEqual({ type: 'readable', content: Uint8Array.of(2, 3) })
  })
})

test('numbers are read big-endian, one after the other', () => {
  const bytes = new Uint8Array(13)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 200)
  view.setUint16(1, 60_000)
  view.setFloat64(3, -1.5)
  const reader = new RecordReader(bytes)

  expect([reader.uint8(), reader.uint16(), reader.float64()]).toEqual([200, 60_000, -1.5])
  expect(reader.left).toBe(2)
  expect(() => { reader.assertEnd() }).toThrow(RangeError)
  expect(reader.take(2)).toEqual(new Uint8Array(2))
  reader.assertEnd()
  expect(() => reader.view(1)).toThrow(RangeError)
})

function flipped (bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  copy[bit >> 3] ^= 1 << (bit & 7)

  return copy
}
