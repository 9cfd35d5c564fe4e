import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDistance, distance } from '../../src/keyspace/xor-distance.ts'

const key = fc.uint8Array({ minLength: 4, maxLength: 4 })

describe('xor distance', () => {
  test('is the bitwise difference of two keys', () => {
    expect(distance(Uint8Array.of(0b1100, 0xff), Uint8Array.of(0b1010, 0xff))).to.deep.equal(Uint8Array.of(0b0110, 0))
  })

  test('refuses keys of different lengths', () => {
    expect(() => distance(Uint8Array.of(1), Uint8Array.of(1, 2))).to.throw('same length')
  })

  test.each([
    { target: 0b0000, a: 0b0001, b: 0b0010, closer: 'a' },
    { target: 0b0011, a: 0b0001, b: 0b0010, closer: 'b' },
    { target: 0b0111, a: 0b0000, b: 0b1111, closer: 'a' },
    { target: 0b0111, a: 0b1000, b: 0b0111, closer: 'b' },
    { target: 0b0111, a: 0b1000, b: 0b1000, closer: 'neither' }
  ])('of $a and $b, $closer is closer to $target', ({ target, a, b, closer }) => {
    const order = compareDistance(Uint8Array.of(target), Uint8Array.of(a), Uint8Array.of(b))

    expect(order < 0 ? 'a' : order > 0 ? 'b' : 'neither').to.equal(closer)
  })

  test('orders keys as their distances read as big-endian numbers', () => {
    fc.assert(fc.property(key, key, key, (target, a, b) => {
      const expected = asNumber(distance(target, a)) - asNumber(distance(target, b))

      expect(Math.sign(compareDistance(target, a, b))).to.equal(Math.sign(expected))
    }))
  })
})

function asNumber (bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => total * 256 + byte, 0)
}
