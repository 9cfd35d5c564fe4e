import { expect, test } from 'vitest'
import { buildResults } from '../../../benchmarks/report/build-results.ts'
import { ARMS } from '../../../benchmarks/report/results.ts'
import { formatTable } from '../../../benchmarks/report/table.ts'
import { syntheticSamples } from './synthetic-samples.ts'
import type { Sample } from '../../../benchmarks/report/results.ts'

test('gives each arm one line with its figures', async () => {
  const samples = syntheticSamples({ arms: ['kad-dht', 'scored'], count: 11 })
    .map((sample): Sample => ({ ...sample, timeMs: sample.arm === 'scored' ? 500 : 6000, recall: sample.index === 0 ? 0.5 : 1, failed: sample.index === 3 }))

  const lines = (await table(samples)).split('\n').map(line => line.trim().split(/ {2,}/))

  expect(lines).toContainEqual(['arm', 'p50 ms', 'p90 ms', 'p99 ms', 'first ten', 'recall (min)', 'queries', 'dials', 'no answer', 'failed', 'vs kad-dht (95% CI)'])
  expect(lines).toContainEqual(['kad-dht', '6000', '6000', '6000', '6000', '0.95 (0.50)', '40.0', '30.0', '12.0', '1/11'])
  expect(lines).toContainEqual(['scored', '500', '500', '500', '500', '0.95 (0.50)', '40.0', '30.0', '12.0', '1/11', '12.0 (12.0-12.0)'])
})

test('aligns the ends of the columns', async () => {
  const lines = (await table(syntheticSamples({ arms: ['kad-dht', 'kad-dht-tuned', 'full-table', 'scored'], count: 5 }))).split('\n')
  const ends = lines.slice(2, 6).map(line => line.indexOf('12.0    '))

  expect(ends[0]).toBeGreaterThan(50)
  expect(new Set(ends).size).toBe(1)
})

test('fits 120 columns, whatever the figures and parameters', async () => {
  const samples = syntheticSamples({ arms: [...ARMS], count: 100 })
    .map((sample): Sample => ({ ...sample, timeMs: sample.arm === 'oracle' ? 100 : 60_000, queries: 1234.5, dials: 1234.5, unresponsive: 1234.5, failed: sample.arm !== 'oracle' }))
  const widths = (await table(samples, { operations: 'closest-peers,find-peer', arms: ARMS.join(','), note: 'many words '.repeat(30) })).split('\n').map(line => line.length)

  expect(Math.max(...widths)).toBeLessThanOrEqual(120)
})

test('compares our arms with Go below the table', async () => {
  const samples = syntheticSamples({ arms: ['go-kad-dht', 'scored', 'kad-dht'], count: 11 })
    .map((sample): Sample => ({ ...sample, timeMs: sample.arm === 'scored' ? 500 : 1500 }))

  expect((await table(samples)).split('\n').filter(line => line.includes('times as fast'))).toEqual([
    'scored is 3.00 times as fast as go-kad-dht (95% CI 3.00-3.00)'
  ])
})

test('tells below the table how much of a memory is real, where somebody invents peers', async () => {
  const samples = syntheticSamples({ arms: ['kad-dht', 'scored'], count: 2 })
    .map((sample): Sample => sample.arm === 'scored' ? { ...sample, honestMemory: sample.index === 0 ? 0.7 : 0.9 } : sample)

  expect((await table(samples)).split('\n').filter(line => line.includes('remembers'))).toEqual([
    'scored remembers peers of whom 80.0% exist, and 70.0% at the lowest'
  ])
  expect(await table(syntheticSamples({ arms: ['scored'], count: 2 }))).not.toContain('remembers')
})

test('tells below the table what became of the records that were put', async () => {
  const samples = syntheticSamples({ arms: ['kad-dht', 'scored'], operations: ['provide'], count: 4 }).map((sample): Sample => sample.arm === 'scored'
    ? { ...sample, timeMs: 500, recall: 1, afterReturn: { timeMs: 1700, recallAtReturn: sample.index === 0 ? 0.6 : 0.8 }, retrieved: { soon: sample.index > 0, later: true } }
    : { ...sample, timeMs: 6000, recall: 0.9, retrieved: { soon: true } })
  const text = await table(samples)
  const lines = text.split('\n').map(line => line.trim().split(/ {2,}/))

  expect(lines).toContainEqual(['what was put', 'all holders p50 ms', 'p90 ms', 'at return (min)', 'found after 1 s', 'found later'])
  expect(lines).toContainEqual(['scored', '1700', '1700', '0.75 (0.60)', '75.0%', '100.0%'])
  expect(lines).toContainEqual(['kad-dht', '6000', '6000', '0.90 (0.90)', '100.0%'])
  expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(120)
  expect(await table(syntheticSamples({ arms: ['scored'], count: 2 }))).not.toContain('what was put')
})

test('says under which conditions it was measured', async () => {
  const text = await table(syntheticSamples({ arms: ['scored'], count: 1 }), { nodes: 200, rttMs: 100 })

  expect(text).toContain('seed 3: nodes 200, rttMs 100')
  expect(text).toContain(`node ${process.versions.node}`)
  expect(text).toMatch(/\d+ cores/)
})

test('leaves recall empty where it is not known, and says so when nothing was measured', async () => {
  const samples = syntheticSamples({ arms: ['scored'], count: 1 }).map(sample => ({ ...sample, recall: undefined }))

  expect(await table(samples)).not.toMatch(/NaN|undefined/)
  expect(await table([])).toContain('No operation was completed.')
})

test('tells the versions of a run besides those of every run', async () => {
  const results = await buildResults({ benchmark: 'testnet', seed: 3, parameters: {}, notes: [], versions: { 'go-libp2p': '0.51.0' } }, [])

  expect(Object.keys(results.versions)).toEqual(['libp2p-scored-routing', 'libp2p', '@libp2p/kad-dht', 'node', 'go-libp2p'])
  expect(formatTable(results)).toContain('go-libp2p 0.51.0')
})

async function table (samples: Sample[], parameters: Record<string, unknown> = {}): Promise<string> {
  return formatTable(await buildResults({ benchmark: 'testnet', seed: 3, parameters, notes: [] }, samples))
}
