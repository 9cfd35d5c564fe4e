import { describe, expect, test } from 'vitest'
import { OptimisticProvide } from '../../../../../benchmarks/simulator/clients/go/optimistic-provide.ts'
import { Proximity } from '../../../../../benchmarks/simulator/clients/proximity.ts'
import { SortedCandidates } from '../../../../../benchmarks/simulator/clients/requests/sorted-candidates.ts'
import { SmallNetwork } from '../small-network.ts'
import type { GoWalkState } from '../../../../../benchmarks/simulator/clients/go/go-walk.ts'

const TARGET = Uint8Array.of(0, 0, 0, 0)

/** 64 nodes, k = 8: whoever is nearer than 4.66 nodes gets the record at once, and a mean distance of 7.99 suffices */
function given (nodes: number[]): { provide: OptimisticProvide, candidates: SortedCandidates<GoWalkState>, stores: Map<number, (stored: boolean) => void>, returns: number[][] } {
  const { population } = new SmallNetwork().components.world
  const candidates = new SortedCandidates<GoWalkState>(new Proximity(population, TARGET), Infinity)
  const stores = new Map<number, (stored: boolean) => void>()
  const returns: number[][] = []
  const provide = new OptimisticProvide({
    population,
    target: TARGET,
    k: 8,
    networkSize: 64,
    store: (node, onEnd) => { stores.set(node, onEnd) },
    onReturn: holders => { returns.push(holders) }
  })

  nodes.forEach(node => { candidates.add(node, 'heard') })

  return { provide, candidates, stores, returns }
}

describe('OptimisticProvide', () => {
  test('stores with whoever is close enough while it walks on', () => {
    const { provide, candidates, stores } = given([1, 4, 5, 30, 31, 32, 33, 34])

    expect(provide.suffices(candidates)).toBe(false)
    expect([...stores.keys()]).toEqual([1, 4])
  })

  test('has walked enough when the k closest are close on the whole', () => {
    const { provide, candidates } = given([1, 2, 3, 4, 5, 6, 7, 8])

    expect(provide.suffices(candidates)).toBe(true)
  })

  test('stores with the rest after the walk, with nobody twice', () => {
    const { provide, candidates, stores } = given([1, 4, 5])

    provide.suffices(candidates)
    stores.clear()
    provide.walked([1, 4, 5, 6])

    expect([...stores.keys()]).toEqual([5, 6])
  })

  test('returns once, after three quarters of the stores, failed ones included', () => {
    const { provide, stores, returns } = given([])

    provide.walked([1, 2, 3, 4, 5, 6, 7, 8])

    for (const node of [8, 7, 6, 5, 4]) {
      stores.get(node)?.(node !== 7)
    }

    expect(returns).toEqual([])
    stores.get(3)?.(true)
    expect(returns).toEqual([[3, 4, 5, 6, 8]])
    stores.get(2)?.(true)
    stores.get(1)?.(true)
    expect(returns).toHaveLength(1)
  })

  test('does not return before the walk is over, and at once when there was nobody', () => {
    const { provide, candidates, stores, returns } = given([1, 2])

    provide.suffices(candidates)
    stores.forEach(onEnd => { onEnd(true) })
    expect(returns).toEqual([])
    provide.walked([1, 2])
    expect(returns).toEqual([[1, 2]])

    const nobody = given([])

    nobody.provide.walked([])
    expect(nobody.returns).toEqual([[]])
  })
})
