import { describe, expect, test } from 'vitest'
import { ClosestNames } from '../../../../benchmarks/simulator/tables/closest-names.ts'
import { KeyIndex, headOf } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { smallWorld } from './small-world.ts'

const { population } = smallWorld(Array.from({ length: 64 }, (_, i) => ({ id: 4 * i })))
const names = new ClosestNames(new KeyIndex(population))

describe('the closest names', () => {
  test('are the n closest of those added, in whatever order they come', () => {
    const target = Uint8Array.of(100, 0, 0, 0)

    for (const step of [1, 5, 63]) {
      names.begin(headOf(target), 7)

      for (let i = 0; i < 64; i++) {
        names.add(i * step % 64)
      }

      expect(names.end(target)).toEqual(population.closest(target, 7))
    }
  })

  test('hold nobody twice', () => {
    names.begin(0, 5)
    ;[3, 1, 3, 2, 1, 2, 3].forEach(node => { names.add(node) })

    expect(names.size).toBe(3)
    expect(names.end(Uint8Array.of(0, 0, 0, 0))).toEqual([1, 2, 3])
  })

  test('tell nodes apart whose first 32 bits are alike', () => {
    const alike = smallWorld([{ id: Uint8Array.of(1, 2, 3, 4, 5) }, { id: Uint8Array.of(1, 2, 3, 4, 6) }, { id: Uint8Array.of(1, 2, 3, 4, 9) }])
    const ofAlike = new ClosestNames(new KeyIndex(alike.population))
    const target = Uint8Array.of(1, 2, 3, 4, 9)
    ofAlike.begin(headOf(target), 3)
    ;[0, 1, 2].forEach(node => { ofAlike.add(node) })

    expect(ofAlike.end(target)).toEqual([2, 0, 1])
  })
})
