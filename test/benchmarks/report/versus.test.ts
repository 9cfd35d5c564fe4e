import { expect, test } from 'vitest'
import { versus } from '../../../benchmarks/report/versus.ts'
import { syntheticSamples } from './synthetic-samples.ts'

test('compares each arm with each baseline that ran, never with itself', () => {
  const comparisons = versus(syntheticSamples({ arms: ['kad-dht', 'scored', 'oracle'], count: 3 }), 1)

  expect(comparisons.map(({ arm, baseline }) => `${arm} / ${baseline}`)).toEqual([
    'kad-dht / oracle', 'scored / kad-dht', 'scored / oracle', 'oracle / kad-dht'
  ])
})

test('pairs by index and leaves out the keys that only one of the two has seen', () => {
  const samples = syntheticSamples({ arms: ['kad-dht', 'full-table'], count: 9 })
    .filter(({ arm, index }) => arm === 'kad-dht' || index % 3 === 0)
    .map(sample => ({ ...sample, timeMs: sample.arm === 'full-table' ? 100 : sample.index % 3 === 0 ? 300 : 9000 }))

  expect(versus(samples, 1)).toContainEqual(expect.objectContaining({ arm: 'full-table', baseline: 'kad-dht', ratioP50: 3, ci95: [3, 3] }))
})

test('compares puts unpaired, as their keys differ between arms', () => {
  const [reads] = versus(hardKeys('closest-peers'), 1)
  const [puts] = versus(hardKeys('put-value'), 1)

  expect(reads?.ci95).toEqual([2, 2])
  expect(puts?.ratioP50).toBe(2)
  expect(puts?.ci95[0]).toBeLessThan(2)
})

test('says nothing of an arm that shares no key with the baseline', () => {
  const samples = syntheticSamples({ arms: ['kad-dht', 'scored'], count: 4 })
    .filter(({ arm, index }) => (arm === 'scored') === (index > 1))

  expect(versus(samples, 1)).toEqual([])
})

function hardKeys (operation: 'closest-peers' | 'put-value') {
  return syntheticSamples({ arms: ['kad-dht', 'scored'], operations: [operation], count: 5 })
    .map(sample => ({ ...sample, timeMs: (sample.arm === 'scored' ? 1 : 2) * 4 ** sample.index }))
}
