import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHECKSUM_LENGTH, signRecord } from '../../../src/persistence/checked-record.ts'
import { decodePlace, decodePublishedKey, encodePlace, encodePublishedKey } from '../../../src/persistence/published/published-key-codec.ts'
import { providerKey, valueKey } from './published-keys.ts'
import type { PublishedKey } from '../../../src/persistence/published/published-key.ts'

const PROVIDER: PublishedKey = { ...providerKey(1), addedAt: 1_700_000_000_000 }
const VALUE: PublishedKey = { ...valueKey(1), addedAt: 1_700_000_000_000 }

describe('the record of a published key', () => {
  test.each<[string, PublishedKey]>([
    ['to provide', PROVIDER],
    ['with a value', VALUE],
    ['with an empty value', { ...valueKey(1, ''), addedAt: 0 }]
  ])('comes back as it went in, of a key %s', (_, key) => {
    expect(decodePublishedKey(encodePlace(key), encodePublishedKey(key))).toEqual({ type: 'readable', key })
  })

  test('comes back whatever the key and the value', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 })

    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), bytes, bytes, fc.nat(), (kadId, key, value, addedAt) => {
      const published: PublishedKey = { kind: 'value', kadId, key, value, addedAt }

      expect(decodePublishedKey(encodePlace(published), encodePublishedKey(published))).toEqual({ type: 'readable', key: published })
    }))
  })

  test('of a CID takes 49 bytes', () => {
    expect(encodePublishedKey(PROVIDER)).toHaveLength(49)
  })

  test('is unreadable when any bit of it is flipped, and says where it was', () => {
    for (const key of [PROVIDER, VALUE]) {
      const record = encodePublishedKey(key)

      for (let bit = 0; bit < record.byteLength * 8; bit++) {
        expect(decodePublishedKey(encodePlace(key), flipped(record, bit))).toEqual({
          type: 'unreadable',
          entry: { kadId: key.kadId, kind: key.kind, reason: bit < 8 ? 'unknown-version' : 'damaged' }
        })
      }
    }
  })

  test('is unreadable in any other place', () => {
    const place = encodePlace(PROVIDER)

    for (let bit = 0; bit < place.byteLength * 8; bit++) {
      expect(decodePublishedKey(flipped(place, bit), encodePublishedKey(PROVIDER))).toMatchObject({ type: 'unreadable', entry: { reason: 'damaged' } })
    }
  })

  test('of a kind that a later release knows is left for it', () => {
    const place = Uint8Array.of(...PROVIDER.kadId, 99)

    expect(decodePublishedKey(place, signRecord(place, encodePublishedKey(PROVIDER)))).toEqual({ type: 'unreadable', entry: { kadId: PROVIDER.kadId, kind: undefined, reason: 'unknown-version' } })
  })

  test.each([
    ['a time that is none', 1, [0x7f, 0xff]],
    ['an empty key', 9, [0, 0]],
    ['a key that ends after it', 9, [1, 0]],
    ['a value where none can be', 9, [0, 33]]
  ])('is unreadable with %s, even if its checksum is right', (_, offset, bytes) => {
    const record = encodePublishedKey(PROVIDER)
    record.set(bytes, offset)

    expect(decodePublishedKey(encodePlace(PROVIDER), signRecord(encodePlace(PROVIDER), record))).toMatchObject({ type: 'unreadable', entry: { reason: 'damaged' } })
  })

  test('never throws when it is read', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: CHECKSUM_LENGTH, maxLength: 100 }), fc.boolean(), (place, bytes, sound) => {
      if (sound) {
        bytes[0] = 1
      }

      decodePublishedKey(place, sound ? signRecord(place, bytes) : bytes)
    }), { numRuns: 1_000 })
  })

  test('shares no memory with the bytes that it was read from', () => {
    const place = Buffer.from(encodePlace(VALUE))
    const record = Buffer.from(encodePublishedKey(VALUE))
    const decoded = decodePublishedKey(place, record)
    place.fill(0)
    record.fill(0)

    expect(decoded).toEqual({ type: 'readable', key: VALUE })
  })
})

test('places are in the order of their kad ids', () => {
  const place = (kadId: number, kind: PublishedKey['kind']): Uint8Array => encodePlace({ kadId: Uint8Array.of(kadId), kind })

  expect([place(1, 'provider'), place(1, 'value'), place(2, 'provider'), place(255, 'value')]).toEqual([place(255, 'value'), place(2, 'provider'), place(1, 'value'), place(1, 'provider')].toSorted(Buffer.compare))
})

test('a place tells the kad id and the kind', () => {
  for (const { kadId, kind } of [PROVIDER, VALUE]) {
    expect(decodePlace(encodePlace({ kadId, kind }))).toEqual({ kadId, kind })
  }

  expect(decodePlace(Uint8Array.of(1, 2, 99))).toEqual({ kadId: Uint8Array.of(1, 2), kind: undefined })
})

function flipped (bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[bit >> 3] ^= 1 << (bit & 7)

  return copy
}
