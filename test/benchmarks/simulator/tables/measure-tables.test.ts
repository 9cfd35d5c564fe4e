import { describe, expect, test } from 'vitest'
import { measureTables } from '../../../../benchmarks/simulator/tables/measure-tables.ts'
import { smallWorld } from './small-world.ts'

const world = smallWorld([
  { id: 0 },
  { id: 0b01000000, online: [[-100, 50]] },
  { id: 0b10000000, online: [[-100, -10]] },
  { id: 0b10100000, reach: 'unreachable' },
  { id: 0b11000000 }
])

/** Tables of the first two nodes; the others know nobody */
const contents = (tables: Record<number, number[]>, passedOver: number[] = []) => ({
  k: 2,
  now: 0,
  entriesOf: (node: number) => (tables[node] ?? []).map(peer => ({ peer, passedOver: passedOver.includes(peer) }))
})

describe('the measure of routing tables', () => {
  test('counts the entries that are offline and those that nobody can dial, by bucket', () => {
    const { buckets } = measureTables(contents({ 0: [1, 2, 3], 4: [2, 3] }), world)

    expect(buckets).toEqual([
      { bucket: 0, buckets: 1, entries: 2, offline: 1, unreachable: 1 },
      { bucket: 1, buckets: 2, entries: 3, offline: 1, unreachable: 1 }
    ])
  })

  test('tells the full buckets from the sparse ones', () => {
    const measured = measureTables(contents({ 0: [1, 3, 4] }), world)

    expect(measured.firstSparse).toBe(1)
    expect(measured.deadInFull).toBe(0.5)
    expect(measured.deadInSparse).toBe(0)
  })

  test('does not count entries that a table passes over', () => {
    expect(measureTables(contents({ 0: [2, 3, 4] }, [2]), world).buckets).toEqual([
      { bucket: 0, buckets: 1, entries: 2, offline: 0, unreachable: 1 }
    ])
  })

  test('counts who left before it was dialled', () => {
    expect(measureTables(contents({ 0: [1] }), world, { dialledAtMs: 0 }).buckets[1].offline).toBe(0)
    expect(measureTables(contents({ 0: [1] }), world, { dialledAtMs: 60 }).buckets[1].offline).toBe(1)
  })

  test('looks at no table of a node that is offline or cannot be dialled', () => {
    expect(measureTables(contents({ 2: [0, 1], 3: [0, 1] }), world).buckets).toEqual([])
  })
})
