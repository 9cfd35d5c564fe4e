import { describe, expect, test } from 'vitest'
import { GoTableRules } from '../../../../../benchmarks/simulator/tables/go/go-table-rules.ts'
import { rulesContext } from '../rules-context.ts'
import type { Implementation } from '../../../../../benchmarks/simulator/world/population.ts'

const OWNER = 0

/** How many dials a refresh makes to the other half of the keyspace, in a bucket of two that has so many entries */
function dialsTo (otherHalf: number[], implementation: Implementation = 'go-kad-dht'): number {
  const context = rulesContext(Array.from({ length: 256 }, (_, id) => ({ id, ...(id === 255 ? { implementation } : {}) })), 2)

  otherHalf.forEach(peer => { context.entries.add(OWNER, 0, peer, 0, false) })
  new GoTableRules(context).refresh(OWNER, 0, 0)

  return context.dials.filter(([from, to]) => from === OWNER && to >= 128).length
}

describe('the rules of go-kad-dht', () => {
  test('dial all whom the lookup of a bucket asks, some on the way and the closest, while it has room', () => {
    expect(dialsTo([])).toBe(12)
  })

  test('play only some of those dials once the bucket is full', () => {
    // by the lookup of itself both entries; by that of the bucket one of them, two on the way and one or two around the key
    expect(dialsTo([130, 140])).toBeLessThanOrEqual(7)
  })

  test('play all of them where one of another implementation may be told of it', () => {
    expect(dialsTo([130, 140], 'kad-dht')).toBe(16)
  })
})
