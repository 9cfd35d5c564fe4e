import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { runTestnet } from '../../../benchmarks/testnet/run-testnet.ts'
import { TESTNET_OPTIONS } from '../../../benchmarks/testnet/testnet-options.ts'
import { isBulk } from '../../../benchmarks/report/is-put.ts'
import { OPERATIONS } from '../../../benchmarks/report/results.ts'
import type { Sample } from '../../../benchmarks/report/results.ts'
import type { TestnetOptions } from '../../../benchmarks/testnet/testnet-options.ts'

const SMALL: Partial<TestnetOptions> = { nodes: 12, k: 4, nearPeers: 6, farPeers: 2, bootstrapPeers: 2, rttMs: 5, sigma: 0, timeoutMs: 8000, laterMs: 200, bulkKeys: 30 }
const SINGLE = OPERATIONS.filter(operation => !isBulk(operation))

describe('a small testnet', () => {
  test('lets kad-dht and the oracle do everything, and finds that what they found is right', async () => {
    const samples = await run({ scenario: 'ideal', arms: ['kad-dht', 'oracle'], operations: SINGLE, lookups: 2 })

    expect(samples).toHaveLength(2 * SINGLE.length * 2)
    expect(samples.filter(({ failed }) => failed)).toEqual([])

    for (const { arm, operation, recall, timeMs, queries } of samples) {
      const what = `${arm} ${operation}`

      expect(timeMs, what).toBeGreaterThan(5)
      expect(queries, what).toBeGreaterThan(0)
      expect(recall, what).toBeGreaterThanOrEqual(arm === 'oracle' ? 1 : 0.75)
    }

    // it asks the k closest and nobody else
    expect(samples.filter(({ arm, operation }) => arm === 'oracle' && operation === 'closest-peers').map(({ queries }) => queries)).toEqual([4, 4])
  })

  test('has a client of its own look for what was put, soon and later, which nobody sees', async () => {
    const samples = await run({ scenario: 'ideal', arms: ['kad-dht', 'scored', 'oracle'], operations: ['provide', 'put-value', 'closest-peers'], lookups: 2, laterMs: 2000 })
    const puts = samples.filter(({ operation }) => operation !== 'closest-peers')
    const oracles = samples.filter(({ arm }) => arm === 'oracle')

    expect(puts).toHaveLength(3 * 2 * 2)
    expect(samples).toHaveLength(puts.length + 3 * 2)
    expect(puts.filter(({ retrieved }) => retrieved?.soon !== true || retrieved.later !== true)).toEqual([])
    expect(samples.filter(sample => sample.operation === 'closest-peers' && ('retrieved' in sample || 'afterReturn' in sample))).toEqual([])

    for (const { arm, operation, timeMs, recall = 0, afterReturn } of puts) {
      expect(afterReturn?.recallAtReturn, `${arm} ${operation}`).toBeLessThanOrEqual(recall)
      expect(afterReturn?.timeMs, `${arm} ${operation}`).toBeGreaterThanOrEqual(timeMs)
    }

    // it asks the k closest and nobody else, and does nothing by itself
    expect(oracles.map(({ queries, background }) => ({ queries, between: background?.queries }))).toEqual(oracles.map(() => ({ queries: 4, between: 0 })))
  })

  test('puts many records at once, or one by one where an arm can\'t, and the oracle none', async () => {
    const samples = await run({ scenario: 'ideal', arms: ['kad-dht', 'scored', 'oracle'], operations: ['provide-many', 'put-many'], lookups: 1 })
    const queriesOf = (arm: string, operation: string): number => samples.find(sample => sample.arm === arm && sample.operation === operation)?.queries ?? NaN

    expect(samples.map(({ arm, operation }) => `${arm} ${operation}`).toSorted()).toEqual(['kad-dht provide-many', 'kad-dht put-many', 'scored provide-many', 'scored put-many'])
    expect(samples.filter(({ failed, retrieved }) => failed || retrieved?.soon !== true || retrieved.later !== true)).toEqual([])
    samples.forEach(({ arm, operation, recall }) => { expect(recall, `${arm} ${operation}`).toBeGreaterThanOrEqual(0.75) })
    expect(queriesOf('scored', 'provide-many')).toBeLessThan(queriesOf('kad-dht', 'provide-many'))
  })

  test('finds nothing of what nobody holds', async () => {
    const samples = await run({ scenario: 'ideal', arms: ['kad-dht'], operations: ['put-value'], lookups: 1, rttMs: 400, timeoutMs: 100 })

    expect(samples).toMatchObject([{ failed: true, recall: 0, retrieved: { soon: false, later: false } }])
  })

  test('hands on what it knows of puts when it is interrupted before it has looked again', async () => {
    const controller = new AbortController()
    const samples: Sample[] = []
    const started = run({ scenario: 'ideal', arms: ['oracle'], operations: ['provide'], lookups: 2, laterMs: 60_000 }, controller, sample => { samples.push(sample) }, label => {
      if (label.includes('looking again')) {
        controller.abort(new Error('interrupted'))
      }
    })

    await expect(started).rejects.toThrow('interrupted')
    expect(samples.map(({ index, retrieved }) => ({ index, retrieved }))).toEqual([0, 1].map(index => ({ index, retrieved: { soon: true } })))
  })

  test('lets the oracle ask in one round trip, without a dial', async () => {
    const [{ timeMs, dials }] = await run({ scenario: 'ideal', arms: ['oracle'], operations: ['closest-peers'], lookups: 1, rttMs: 300 })

    expect(timeMs).toBeGreaterThanOrEqual(300)
    expect(timeMs).toBeLessThan(600)
    expect(dials).toBe(0)
  })

  test('makes dead peers cost time, and counts them', async () => {
    const samples = await run({ mode: 'stalls', arms: ['kad-dht', 'oracle'], operations: ['closest-peers'], lookups: 1, timeoutMs: 4000 })
    const total = (arm: string, what: 'timeMs' | 'unresponsive'): number => samples.filter(sample => sample.arm === arm).reduce((sum, sample) => sum + sample[what], 0)

    expect(total('kad-dht', 'unresponsive')).toBeGreaterThan(0)
    expect(total('oracle', 'unresponsive')).toBe(0)
    expect(total('kad-dht', 'timeMs')).toBeGreaterThan(10 * total('oracle', 'timeMs'))
  })

  test('lets full-table work when the others have done', async () => {
    const samples = await run({ scenario: 'ideal', arms: ['full-table', 'kad-dht', 'oracle'], operations: ['closest-peers'], lookups: 4, fullTableEvery: 3 })

    expect(samples.map(({ arm, index }) => ({ isFullTable: arm === 'full-table', index }))).toEqual([
      ...[0, 0, 1, 1, 2, 2, 3, 3].map(index => ({ isFullTable: false, index })),
      { isFullTable: true, index: 0 },
      { isFullTable: true, index: 3 }
    ])
  })

  test('counts an operation that fails as its time limit', async () => {
    const [sample] = await run({ scenario: 'ideal', arms: ['oracle'], operations: ['closest-peers'], lookups: 1, rttMs: 400, timeoutMs: 300 })

    expect(sample).toMatchObject({ failed: true, timeMs: 300, recall: 0 })
  })

  test('leaves no process and no file behind when it is interrupted', async () => {
    const controller = new AbortController()
    const started = run({ scenario: 'ideal', arms: ['kad-dht'], operations: ['closest-peers'], lookups: 1000 }, controller, sample => {
      if (sample.index === 1) {
        controller.abort(new Error('interrupted'))
      }
    })

    await expect(started).rejects.toThrow('interrupted')
    expect(childProcesses()).toEqual([])
    expect((await readdir(tmpdir())).filter(name => name.startsWith(`scored-routing-benchmark-${process.pid}-`))).toEqual([])
  })
})

async function run (options: Partial<TestnetOptions>, controller = new AbortController(), onSample: (sample: Sample) => void = () => {}, onLabel: (label: string) => void = () => {}): Promise<Sample[]> {
  const defaults = Object.fromEntries(Object.entries(TESTNET_OPTIONS).map(([name, definition]) => [name, definition.default])) as unknown as TestnetOptions
  const samples: Sample[] = []

  await runTestnet({ ...defaults, ...SMALL, ...options }, {
    onSample: sample => {
      samples.push(sample)
      onSample(sample)
    },
    onScores: () => {},
    onTrace: () => {},
    onMeasure: () => {},
    onNote: () => {},
    onProgress: (_, __, label) => { onLabel(label) },
    signal: controller.signal
  })

  return samples
}

/** Processes of a testnet that this process started */
function childProcesses (): string[] {
  const processes = execFileSync('ps', ['-e', '-o', 'ppid=,args='], { encoding: 'utf8' }).split('\n')

  return processes.filter(line => Number(line.trim().split(' ')[0]) === process.pid && /(network|arm)-process\.ts/.test(line))
}
