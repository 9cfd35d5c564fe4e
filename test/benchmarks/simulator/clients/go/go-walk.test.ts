import { describe, expect, test } from 'vitest'
import { GoWalk } from '../../../../../benchmarks/simulator/clients/go/go-walk.ts'
import { SmallNetwork } from '../small-network.ts'
import type { GoWalkInit, GoWalkResult } from '../../../../../benchmarks/simulator/clients/go/go-walk.ts'

const TARGET = Uint8Array.of(0, 0, 0, 0)

/** A walk whose peers answer after 10 ms, but for those who are said not to, and name nobody if not said otherwise */
function run (init: Partial<GoWalkInit>, failing: number[] = [], names: Record<number, number[]> = {}): { asked: Array<{ node: number, followUp: boolean }>, results: GoWalkResult[] } {
  const { clock, components: { world: { population } } } = new SmallNetwork()
  const asked: Array<{ node: number, followUp: boolean }> = []
  const results: GoWalkResult[] = []

  const walk = new GoWalk({
    population,
    clock,
    target: TARGET,
    seeds: [0, 1, 2, 3, 4, 5],
    k: 4,
    alpha: 1,
    beta: 2,
    drains: false,
    isConnected: () => false,
    ask: (node, followUp, { onEnd }) => {
      asked.push({ node, followUp })

      return clock.schedule(10, () => { onEnd(failing.includes(node) ? undefined : names[node] ?? []) })
    },
    onEnd: result => { results.push(result) },
    ...init
  })

  while (clock.step()) {
    // to the end
  }

  // which is over by now
  walk.cancel()

  return { asked, results }
}

describe('GoWalk', () => {
  test('asks until beta of the closest have answered, and then the rest of the k closest', () => {
    const { asked, results } = run({})

    expect(asked).toEqual([
      { node: 0, followUp: false },
      { node: 1, followUp: false },
      { node: 2, followUp: true },
      { node: 3, followUp: true }
    ])
    expect(results).toEqual([{ peers: [0, 1, 2, 3], closest: [0, 1, 2, 3], answered: new Set([0, 1, 2, 3]), first: [0], completed: true, hops: 2 }])
  })

  test('counts the longest chain of referrals to somebody who answered to the walk, from its own table on', () => {
    const { asked, results } = run({ seeds: [40], beta: 1 }, [], { 40: [20], 20: [10], 10: [5], 5: [8] })

    expect(asked).toContainEqual({ node: 8, followUp: true })
    expect(results[0]?.hops).toBe(5)
  })

  test('passes by those that do not answer while walking, and keeps those that do not afterwards', () => {
    const { asked, results } = run({}, [0, 3])

    expect(asked.filter(({ followUp }) => !followUp).map(({ node }) => node)).toEqual([0, 1, 2])
    expect(results).toMatchObject([{ peers: [1, 2, 3, 4], closest: [0, 1, 2, 3], answered: new Set([1, 2, 4]) }])
  })

  test('ends without a follow-up when nobody is left', () => {
    expect(run({}, [0, 1, 2, 3, 4, 5])).toMatchObject({ asked: { length: 6 }, results: [{ peers: [], completed: true }] })
  })

  test('ends as soon as what is known suffices, without a follow-up', () => {
    const { asked, results } = run({ beta: 4, suffices: candidates => candidates.closest(9, 'queried').length > 1 })

    expect(asked).toHaveLength(2)
    expect(results).toMatchObject([{ peers: [0, 1, 2, 3], completed: false }])
  })
})
