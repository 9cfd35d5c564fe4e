import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInShard } from '../../src/publish/shard.ts'

const kadId = fc.uint8Array({ minLength: 32, maxLength: 32 })
const count = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1_000_000 }))

/** The part that a kad id lies in, in whole numbers as long as need be */
function expectedShard (kadId: Uint8Array, count: number): number {
  const position = BigInt(`0x${Buffer.from(kadId).toString('hex')}`)

  return Number((position * BigInt(count)) >> BigInt(8 * kadId.length))
}

describe('the shards of the keyspace', () => {
  test('are disjoint, and cover all of it', () => {
    fc.assert(fc.property(kadId, fc.integer({ min: 1, max: 40 }), (kadId, count) => {
      expect(Array.from({ length: count }, (_, index) => index).filter(index => isInShard(kadId, { index, count }))).toEqual([expectedShard(kadId, count)])
    }))
  })

  test('are exact, however many there are', () => {
    fc.assert(fc.property(kadId, count, (kadId, count) => {
      const index = expectedShard(kadId, count)

      expect(isInShard(kadId, { index, count })).toBe(true)
      expect(isInShard(kadId, { index: (index + 1) % count, count })).toBe(count === 1)
    }))
  })

  test.each([1, 2, 3, 7, 16, 100])('are of the same size, and in one piece: %i of 8 bits', count => {
    const all = Array.from({ length: 256 }, (_, id) => id)
    const shards = Array.from({ length: count }, (_, index) => all.filter(id => isInShard(Uint8Array.of(id), { index, count })))

    expect(shards.flat()).toEqual(all)
    expect(shards.filter(({ length }) => length !== Math.floor(256 / count) && length !== Math.ceil(256 / count))).toEqual([])
  })

  test.each([
    [{ index: 0, count: 0 }, '0 shards, allowed is a whole number from 1 to 1000000'],
    [{ index: 0, count: 1.5 }, '1.5 shards'],
    [{ index: 0, count: 1_000_001 }, '1000001 shards'],
    [{ index: 3, count: 3 }, 'shard 3 of 3, allowed is a whole number from 0 to 2'],
    [{ index: -1, count: 3 }, 'shard -1 of 3'],
    [{ index: 0.5, count: 3 }, 'shard 0.5 of 3']
  ])('%j is none', (shard, message) => {
    expect(() => isInShard(new Uint8Array(32), shard)).toThrow(message)
  })
})
