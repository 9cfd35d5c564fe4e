import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headOf } from '../../src/keyspace/head-of.ts'

describe('the head of a kad id', () => {
  test.each([
    [[0, 0, 0, 1], 1],
    [[0, 0, 1, 0], 256],
    [[0x7f, 0xff, 0xff, 0xff], 2 ** 31 - 1],
    [[0x80, 0, 0, 0], -(2 ** 31)],
    [[0xff, 0xff, 0xff, 0xff], -1],
    [[0, 0, 0, 1, 99], 1],
    [[1], 2 ** 24],
    [[1, 2], 2 ** 24 + 2 ** 17]
  ])('%j is %i', (bytes, head) => {
    expect(headOf(Uint8Array.from(bytes))).toBe(head)
  })

  test('decides as all bytes do, where it differs', () => {
    const kadId = fc.uint8Array({ minLength: 8, maxLength: 8 })

    fc.assert(fc.property(kadId, kadId, kadId, (target, a, b) => {
      const [distanceA, distanceB] = [a, b].map(id => (headOf(id) ^ headOf(target)) >>> 0)
      const order = Buffer.compare(a.map((byte, i) => byte ^ target[i]), b.map((byte, i) => byte ^ target[i]))

      expect(distanceA === distanceB ? order : Math.sign(distanceA - distanceB)).toBe(order)
    }))
  })
})
