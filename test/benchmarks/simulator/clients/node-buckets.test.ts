import { describe, expect, test } from 'vitest'
import { NodeBuckets } from '../../../../benchmarks/simulator/clients/node-buckets.ts'
import { SmallNetwork } from './small-network.ts'

/** Four buckets of two, by the first two bits: nodes 0 to 15, 16 to 31 and so on */
function given (): NodeBuckets {
  const { population } = new SmallNetwork().components.world

  return new NodeBuckets({ population, capacity: 2, bucketOf: head => head >>> 30 })
}

describe('NodeBuckets', () => {
  test('adds while there is room', () => {
    const buckets = given()

    expect([0, 1, 2, 16, 0].map(node => buckets.add(node, 0, false))).toEqual([true, true, false, true, false])
    expect(buckets.size).toBe(3)
    expect(buckets.entriesOf(0).map(({ node }) => node)).toEqual([0, 1])
    expect(buckets.hasRoomFor(2)).toBe(false)
    expect(buckets.hasRoomFor(17)).toBe(true)
    expect(buckets.last).toBe(1)
  })

  test('has room again when one has left', () => {
    const buckets = given()

    buckets.add(0, 0, false)
    buckets.add(1, 0, false)

    expect(buckets.remove(0)).toBe(true)
    expect(buckets.remove(0)).toBe(false)
    expect(buckets.add(2, 0, false)).toBe(true)
    expect(buckets.get(0)).toBeUndefined()
  })

  test('replaces one that is replaceable', () => {
    const buckets = given()

    buckets.add(0, 0, false)
    buckets.add(1, 0, true)
    buckets.add(2, 7, false)

    expect(buckets.entriesOf(0)).toEqual([
      { node: 0, bucket: 0, answeredAtMs: 0, replaceable: false },
      { node: 2, bucket: 0, answeredAtMs: 7, replaceable: false }
    ])
  })

  test('tells which of the first entries of a bucket have not answered for long', () => {
    const buckets = given()

    buckets.add(0, 5, false)
    buckets.add(1, 3, false)

    expect(buckets.oldestOf(0, 2, 4).map(({ node }) => node)).toEqual([1])
    expect(buckets.oldestOf(0, 2, 5).map(({ node }) => node)).toEqual([0, 1])
    expect(buckets.oldestOf(0, 1, 5).map(({ node }) => node)).toEqual([0])
    expect(buckets.oldestOf(1, 2, 5)).toEqual([])
  })

  test('finds the closest, over all buckets', () => {
    const buckets = given()

    for (const node of [63, 40, 20, 3]) {
      buckets.add(node, 0, false)
    }

    expect(buckets.closest(Uint8Array.of(0, 0, 0, 0), 3)).toEqual([3, 20, 40])

    buckets.remove(3)
    expect(buckets.closest(Uint8Array.of(0, 0, 0, 0), 9)).toEqual([20, 40, 63])
  })
})
