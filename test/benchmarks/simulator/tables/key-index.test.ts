import { describe, expect, test } from 'vitest'
import { KeyIndex, headOf, sharedBits } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { HashedRandom } from '../../../../benchmarks/simulator/world/hashed-random.ts'
import { smallWorld } from './small-world.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

const random = new HashedRandom(1, 'key index')
const key = (number: number): KadId => Uint8Array.from({ length: 32 }, (_, i) => random.word(number, i) & 0xff)
const { population } = smallWorld(Array.from({ length: 500 }, (_, i) => key(i)).sort((a, b) => headOf(a) - headOf(b)).map(id => ({ id })))
const index = new KeyIndex(population)

describe('the index of kad ids', () => {
  test('finds the closest nodes in the order in which comparing all kad ids finds them', () => {
    for (let i = 0; i < 100; i++) {
      const target = key(1000 + i)
      const found = closestIn(index, headOf(target), 20, () => true)

      expect(found).toEqual(population.closest(target, 20))
    }
  })

  test('passes over the nodes that are not accepted', () => {
    const found = closestIn(index, headOf(key(1000)), 20, node => node % 3 === 0)

    expect(found).toEqual(population.closest(key(1000), 20, node => node % 3 === 0))
  })

  test('finds all there are where fewer are accepted than are looked for', () => {
    const found = closestIn(index, headOf(key(1000)), 20, node => node < 7)

    expect(found.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('gives the nodes that share their first bits with a key', () => {
    for (const bits of [0, 1, 3, 7, 32]) {
      const { from, to } = index.range(index.heads[123], bits)
      const sharing = population.closest(population.kadId(123), 500, node => sharedBits(index.heads[node], index.heads[123]) >= bits)

      expect(sharing).toHaveLength(to - from)
      expect(sharing.every(node => node >= from && node < to)).toBe(true)
    }
  })

  test('reads kad ids of a single byte', () => {
    expect(headOf(Uint8Array.of(0b10100000))).toBe(0xa0000000)
    expect(sharedBits(0xa0000000, 0xb0000000)).toBe(3)
  })

  test('keeps to the nodes that it is given', () => {
    const few = new KeyIndex(population, [3, 200, 450])
    const found = closestIn(few, index.heads[201], 2, () => true)

    expect(found).toEqual(population.closest(population.kadId(201), 2, node => [3, 200, 450].includes(node)))
  })
})

function closestIn (index: KeyIndex, head: number, n: number, accept: (node: number) => boolean): number[] {
  // what it held before is of no account
  const found = Array.from({ length: 50 }, () => 7)

  return found.slice(0, index.closest(head, n, accept, found))
}
