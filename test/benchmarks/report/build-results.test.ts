import { expect, test } from 'vitest'
import { buildResults } from '../../../benchmarks/report/build-results.ts'
import { syntheticSamples } from './synthetic-samples.ts'

test('has the shape that programs expect after a trip through JSON', async () => {
  const samples = syntheticSamples({ arms: ['kad-dht', 'scored'], count: 12 })
  const results = JSON.parse(JSON.stringify(await buildResults({ benchmark: 'testnet', seed: 3, parameters: { nodes: 200 }, notes: [] }, samples)))

  expect(results).toMatchObject({ benchmark: 'testnet', seed: 3, parameters: { nodes: 200 } })
  expect(results.versions).toEqual({
    'libp2p-scored-routing': expect.stringMatching(/^\d/),
    libp2p: expect.stringMatching(/^3\./),
    '@libp2p/kad-dht': expect.stringMatching(/^16\.4\./),
    node: process.versions.node
  })
  expect(results.results).toHaveLength(2)
  expect(results.results[1]).toEqual({
    arm: 'scored',
    scenario: 'storm',
    operation: 'closest-peers',
    samples: 12,
    failures: 0,
    success: 1,
    timeMs: { p50: expect.any(Number), p90: expect.any(Number), p99: expect.any(Number), mean: expect.any(Number) },
    firstTen: { p50: expect.any(Number), queries: { mean: expect.any(Number) }, dials: { mean: expect.any(Number) } },
    recall: { mean: expect.any(Number), min: expect.any(Number) },
    queries: { mean: 40 },
    dials: { mean: 30 },
    unresponsive: { mean: 12 }
  })
  expect(results.versus).toEqual([{
    arm: 'scored',
    baseline: 'kad-dht',
    scenario: 'storm',
    operation: 'closest-peers',
    ratioP50: expect.any(Number),
    ci95: [expect.any(Number), expect.any(Number)]
  }])
})

test('warns of intervals that rest on too few samples', async () => {
  const run = { benchmark: 'testnet', seed: 3, parameters: {}, notes: ['first'] }

  expect((await buildResults(run, syntheticSamples({ arms: ['scored'], count: 9 }))).notes).toEqual(['first', expect.stringContaining('fewer than 10 samples')])
  expect((await buildResults(run, syntheticSamples({ arms: ['scored'], count: 10 }))).notes).toEqual(['first'])
})
