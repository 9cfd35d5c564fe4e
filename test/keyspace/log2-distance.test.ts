import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { log2Distance } from '../../src/keyspace/log2-distance.ts'

describe('the logarithm of a distance', () => {
  test.each([
    [[0], 0],
    [[1], 0],
    [[2], 1],
    [[255], Math.log2(255)],
    [[1, 0], 8],
    [[0, 3], Math.log2(3)],
    [[0, 0, 4, 0], 10],
    [[128, ...new Array(31).fill(0)], 255],
    [new Array(32).fill(255), 256]
  ])('of %j is %d', (bytes, bits) => {
    expect(log2Distance(Uint8Array.from(bytes))).toBeCloseTo(bits)
  })

  test('is that of the exact integer, for any distance', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), distance => {
      const integer = BigInt('0x' + Buffer.from(distance).toString('hex'))
      const expected = integer === 0n ? 0 : Math.log2(Number(integer))

      expect(log2Distance(distance)).toBeCloseTo(expected, 9)
    }))
  })

  test('never grows as the distance shrinks', () => {
    const distance = fc.uint8Array({ minLength: 32, maxLength: 32 })

    fc.assert(fc.property(distance, distance, (a, b) => {
      const [near, far] = [a, b].sort((x, y) => Buffer.compare(x, y))

      expect(log2Distance(near)).toBeLessThanOrEqual(log2Distance(far))
    }))
  })
})
