import { describe, expect, test } from 'vitest'
import { Proximity } from '../../../../../benchmarks/simulator/clients/proximity.ts'
import { SortedCandidates } from '../../../../../benchmarks/simulator/clients/requests/sorted-candidates.ts'
import { SmallNetwork } from '../small-network.ts'

const TARGET = Uint8Array.of(4 * 21, 0, 0, 0)

function given (capacity = Infinity): { candidates: SortedCandidates<'heard' | 'asked'>, closest: number[] } {
  const network = new SmallNetwork()

  return {
    candidates: new SortedCandidates(new Proximity(network.components.world.population, TARGET), capacity),
    closest: network.closest(TARGET)
  }
}

describe('SortedCandidates', () => {
  test('sorts by distance, whatever the order in which they come', () => {
    const { candidates, closest } = given()

    for (let i = 0; i < 64; i++) {
      candidates.add(i * 37 % 64, 'heard')
    }

    expect(candidates.closest(Infinity, 'heard')).toEqual(closest)
    expect(candidates.closest(5, 'heard')).toEqual(closest.slice(0, 5))
  })

  test('finds the closest in some of the states', () => {
    const { candidates, closest } = given()

    closest.forEach(node => { candidates.add(node, 'heard') })
    candidates.set(closest[1], 'asked')
    candidates.set(closest[3], 'asked')

    expect(candidates.closest(2, 'asked')).toEqual([closest[1], closest[3]])
    expect(candidates.closest(2, 'heard')).toEqual([closest[0], closest[2]])
    expect(candidates.closest(2, 'heard', 'asked')).toEqual([closest[0], closest[1]])
  })

  test('leaves the state of one that comes again', () => {
    const { candidates } = given()

    candidates.add(1, 'asked')
    candidates.add(1, 'heard')

    expect(candidates.closest(Infinity, 'asked', 'heard')).toEqual([1])
    expect(candidates.closest(1, 'asked')).toEqual([1])
  })

  test('drops the furthest beyond its capacity, and admits only closer ones', () => {
    const { candidates, closest } = given(2)

    candidates.add(closest[5], 'heard')
    candidates.add(closest[3], 'heard')
    candidates.add(closest[4], 'heard')

    expect(candidates.closest(Infinity, 'heard')).toEqual([closest[3], closest[4]])
    expect(candidates.admits(closest[5])).toBe(false)
    expect(candidates.admits(closest[2])).toBe(true)
  })
})
