import { expect, test } from 'vitest'
import { BULK_ARMS, simulateBulk } from '../../../benchmarks/simulator/bulk-simulation.ts'
import { optionsOf } from './studies/outcomes.ts'
import type { BulkFigures } from '../../../benchmarks/simulator/measures/bulk-measure.ts'

const OPTIONS = optionsOf('--nodes', '300', '--lookups', '600', '--seed', '5', '--warmup-hours', '1')

async function simulate (): Promise<BulkFigures[]> {
  return simulateBulk(OPTIONS, { signal: new AbortController().signal, onProgress: () => {} })
}

test('puts all keys in each way, for fewer lookups than keys in bulk', async () => {
  const figures = await simulate()
  const [oneByOne, sweep, scored] = figures

  expect(figures).toEqual(BULK_ARMS.map(arm => expect.objectContaining({ arm, ended: true, keys: 600, failed: 0, onNone: 0 })))
  expect(oneByOne).toMatchObject({ measuredKeys: 200, lookups: 600 })
  expect(scored.recall).toBeGreaterThan(0.97)
  expect(sweep.recall).toBeGreaterThan(0.8)
  expect(scored.lookups).toBeLessThan(60)
  expect(sweep.lookups).toBeLessThan(60)
})

test('comes to the same figures again', async () => {
  expect(await simulate()).toEqual(await simulate())
})

test('ends when nobody wants it any more', async () => {
  await expect(simulateBulk(OPTIONS, { signal: AbortSignal.abort(new Error('enough')), onProgress: () => {} })).rejects.toThrow('enough')
})
