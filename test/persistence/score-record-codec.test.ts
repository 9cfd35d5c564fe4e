import crc32 from 'crc-32'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeStoredPeer, encodeStoredPeer } from '../../src/persistence/score-record-codec.ts'
import { MULTIADDR, multihash, storedNamedPeer, storedPeer } from '../../src/testing/stored-peers.ts'
import { anyStoredPeer, rounded } from './stored-peers.ts'

describe('the record of a stored peer', () => {
  test.each([['with a score', storedPeer(1)], ['that was only named', storedNamedPeer(1)]])('comes back as it went in, of a peer %s', (_, peer) => {
    expect(decodeStoredPeer(peer.peer, encodeStoredPeer(peer))).toEqual({ type: 'readable', peer })
  })

  test('comes back within its rounding, whatever the peer', () => {
    fc.assert(fc.property(anyStoredPeer(), peer => {
      expect(decodeStoredPeer(peer.peer, encodeStoredPeer(peer))).toEqual({ type: 'readable', peer: rounded(peer) })
    }))
  })

  test('keeps the neutral values exactly', () => {
    const peer = storedPeer(1, { reliability: 0.5, referral: 0.5 })
    const decoded = decodeStoredPeer(peer.peer, encodeStoredPeer(peer))

    expect(decoded).toMatchObject({ peer: { score: { reliability: 0.5, referral: 0.5 }, addresses: [{ reliability: 0.5 }] } })
  })

  test('takes less than 60 bytes and an address less than 12', () => {
    const peer = { ...storedPeer(1), addresses: [] }

    expect(encodeStoredPeer(peer).byteLength).toBeLessThan(60)
    expect(encodeStoredPeer(storedPeer(1)).byteLength - encodeStoredPeer(peer).byteLength).toBeLessThan(12)
  })

  test('has the most reliable eight of more addresses, in their order', () => {
    const addresses = Array.from({ length: 12 }, (_, i) => ({ multiaddr: Uint8Array.of(i), reliability: i % 3 === 0 ? 0 : 1 }))
    const decoded = decodeStoredPeer(multihash(1), encodeStoredPeer({ ...storedPeer(1), addresses }))

    expect(decoded).toMatchObject({ peer: { addresses: addresses.filter(({ reliability }) => reliability === 1) } })
  })

  test('has eight addresses of 512 bytes at most, the first that fit', () => {
    const address = (length: number, first: number): { multiaddr: Uint8Array, reliability: number } => {
      const multiaddr = new Uint8Array(length)
      multiaddr[0] = first

      return { multiaddr, reliability: 1 }
    }
    const addresses = [address(513, 0), ...Array.from({ length: 9 }, (_, i) => address(512, i + 1))]
    const decoded = decodeStoredPeer(multihash(1), encodeStoredPeer({ ...storedPeer(1), addresses }))

    expect(decoded).toMatchObject({ peer: { addresses: addresses.slice(1, 9) } })
    expect(decoded).toHaveProperty('peer.addresses.length', 8)
  })

  test('is unreadable when any bit of its value is flipped', () => {
    const { peer } = storedPeer(1)

    for (const value of [encodeStoredPeer(storedPeer(1)), encodeStoredPeer(storedNamedPeer(1))]) {
      for (let bit = 0; bit < value.byteLength * 8; bit++) {
        expect(decodeStoredPeer(peer, flipped(value, bit))).toEqual({
          type: 'unreadable',
          reason: bit < 8 ? 'unknown-version' : 'damaged'
        })
      }
    }
  })

  test('is unreadable under any other key', () => {
    const value = encodeStoredPeer(storedPeer(1))

    for (let bit = 0; bit < multihash(1).byteLength * 8; bit++) {
      expect(decodeStoredPeer(flipped(multihash(1), bit), value)).toEqual({ type: 'unreadable', reason: 'damaged' })
    }
  })

  test('is unreadable when it is cut short or goes on', () => {
    const { peer } = storedPeer(1)

    for (const value of [encodeStoredPeer(storedPeer(1)), encodeStoredPeer(storedNamedPeer(1))]) {
      for (let length = 0; length < value.byteLength; length++) {
        expect(decodeStoredPeer(peer, value.subarray(0, length))).toEqual({ type: 'unreadable', reason: 'damaged' })
        expect(decodeStoredPeer(peer, signed(value.subarray(0, Math.min(length, value.byteLength - 5))))).toHaveProperty('type', 'unreadable')
      }

      expect(decodeStoredPeer(peer, Uint8Array.of(...value, 0))).toEqual({ type: 'unreadable', reason: 'damaged' })
    }
  })

  test('never throws when it is read, and gives nothing that could not be written', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, versioned) => {
      const value = signed(versioned ? Uint8Array.of(2, bytes.length % 2, ...bytes) : bytes)
      const decoded = decodeStoredPeer(multihash(1), value)

      if (decoded.type === 'readable') {
        expect(encodeStoredPeer(decoded.peer)).toHaveLength(value.byteLength)
      }
    }), { numRuns: 1_000 })
  })

  test.each([
    ['neither a score nor a naming', 1, 2],
    ['a naming that is a score', 1, 1],
    ['a reliability above 1', 3, 0x40],
    ['a weight that is negative', 7, 0xff],
    ['an outcome that does not exist', 2, 99],
    ['answers that began after the last one', 35, 0x7e],
    ['a last answer at a negative time', 43, 0xff],
    ['more addresses than follow', 51, 2],
    ['more addresses than are allowed', 51, 9],
    ['an address that ends after the record', 54, 255],
    ['an address that ends before the record', 54, 1]
  ])('is unreadable with %s, even if its checksum is right', (_, offset, byte) => {
    const value = encodeStoredPeer(storedPeer(1))
    expect(decodeStoredPeer(multihash(1), signed(value.subarray(0, -4)))).toHaveProperty('type', 'readable')

    value[offset] = byte

    expect(decodeStoredPeer(multihash(1), signed(value.subarray(0, -4)))).toEqual({ type: 'unreadable', reason: 'damaged' })
  })

  test.each([
    ['a score that is a naming', 1, 0],
    ['a naming at a negative time', 2, 0xff],
    ['a naming by nobody', 11, 0],
    ['a referrer that ends after the record', 10, 1]
  ])('of a peer that was only named is unreadable with %s, even if its checksum is right', (_, offset, byte) => {
    const value = encodeStoredPeer(storedNamedPeer(1))
    value[offset] = byte

    expect(decodeStoredPeer(multihash(1), signed(value.subarray(0, -4)))).toEqual({ type: 'unreadable', reason: 'damaged' })
  })

  test.each([0, 1, 2, 3])('is read where an earlier release wrote it, with its place, %d, and another peer', place => {
    const value = encodeStoredPeer(storedPeer(1))
    const other = multihash(2)
    const content = Uint8Array.of(1, ...value.subarray(2, 35), place, other.byteLength, ...other, ...value.subarray(51, -4))
    const { updatedAt } = storedPeer(1).score

    expect(decodeStoredPeer(multihash(1), signed(content))).toEqual({ type: 'readable', peer: storedPeer(1, { answeringSince: updatedAt, answeredAt: updatedAt }) })
    // a place that does not exist
    content[34] = 99
    expect(decodeStoredPeer(multihash(1), signed(content))).toEqual({ type: 'unreadable', reason: 'damaged' })
  })

  test('has no answer where an earlier release wrote none', () => {
    const value = encodeStoredPeer(storedPeer(1, { latencyMs: undefined, latencyDeviationMs: undefined }))
    const content = Uint8Array.of(1, ...value.subarray(2, 35), 0, 0, ...value.subarray(51, -4))

    expect(decodeStoredPeer(multihash(1), signed(content))).toMatchObject({ peer: { score: { answeringSince: undefined, answeredAt: undefined } } })
  })

  test('shares no memory with the bytes that it was read from', () => {
    const value = Buffer.from(encodeStoredPeer(storedPeer(1)))
    const key = Buffer.from(multihash(1))
    const decoded = decodeStoredPeer(key, value)
    value.fill(0)
    key.fill(0)

    expect(decoded).toMatchObject({ peer: { peer: multihash(1), addresses: [{ multiaddr: MULTIADDR }] } })
  })
})

function flipped (bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  copy[bit >> 3] ^= 1 << (bit & 7)

  return copy
}

/** With the checksum that its reader expects under `multihash(1)` */
function signed (content: Uint8Array): Uint8Array {
  const value = new Uint8Array(content.byteLength + 4)
  value.set(content)
  new DataView(value.buffer).setUint32(content.byteLength, crc32.buf(content, crc32.buf(multihash(1))) >>> 0)

  return value
}
