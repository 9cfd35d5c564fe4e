import { expect, test } from 'vitest'
import { BulkMeasure } from '../../../../benchmarks/simulator/measures/bulk-measure.ts'
import { SmallNetwork } from '../clients/small-network.ts'
import type { BulkKey } from '../../../../benchmarks/simulator/clients/requests/bulk-key.ts'

const TRAFFIC = { lookups: 3, lookupRequests: 30, records: 8, questions: 2, sends: 4, failedSends: 1 }

function keyOf (...holders: number[]): BulkKey {
  return { kadId: Uint8Array.of(0, 0, 0, 0), holders }
}

test('counts the holders among the k closest that are there when the key is done', () => {
  const network = new SmallNetwork()
  const keys = [keyOf(0, 1, 2, 2, 40), keyOf(), keyOf(0, 1, 2, 3)]
  const measure = new BulkMeasure(network.components.world, 4, keys)

  network.leave('silent', 1)
  network.habits.set(3, 'lies')
  // of 0, 2 and 4 two hold the record
  measure.onKey(keys[0], true, 0)
  measure.onKey(keys[1], false, 0)

  expect(measure.done).toBe(2)
  expect(measure.figures(3, { traffic: TRAFFIC, timeMs: 5_000, ended: true })).toEqual({
    ...TRAFFIC,
    keys: 3,
    measuredKeys: 3,
    messages: 40,
    recordBytes: 800,
    timeMs: 5_000,
    recall: expect.closeTo(2 / 9, 9),
    holders: expect.closeTo(8 / 3, 9),
    onFew: 1,
    onNone: 1,
    failed: 2,
    ended: true
  })
})

test('extrapolates the costs, but not what a key has', () => {
  const keys = [keyOf(0, 1), keyOf(2)]
  const measure = new BulkMeasure(new SmallNetwork().components.world, 4, keys)

  expect(measure.figures(10, { traffic: TRAFFIC, timeMs: 5_000, ended: false })).toMatchObject({ keys: 10, measuredKeys: 2, lookups: 15, messages: 200, timeMs: 25_000, holders: 1.5, onFew: 5, onNone: 0, failed: 10, ended: false })
})
