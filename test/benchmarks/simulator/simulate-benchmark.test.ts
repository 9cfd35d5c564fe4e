import { expect, test } from 'vitest'
import { parseOptions } from '../../../benchmarks/command-line/parse-options.ts'
import { SIMULATE_BENCHMARK } from '../../../benchmarks/simulator/simulate-benchmark.ts'
import { SIMULATOR_OPTIONS } from '../../../benchmarks/simulator/simulator-options.ts'
import type { Conclusion } from '../../../benchmarks/command-line/benchmark.ts'
import type { Results } from '../../../benchmarks/report/results.ts'
import type { SimulationOptions } from '../../../benchmarks/simulator/simulation-options.ts'

const SMALL = ['--nodes', '200', '--lookups', '4', '--clients', '2', '--hours', '0.1', '--warmup-hours', '0.5']

async function conclude (...args: string[]): Promise<{ text: string, results: Results, html: string }> {
  const { options } = parseOptions<SimulationOptions>(SIMULATOR_OPTIONS, [...SMALL, ...args])
  const run = SIMULATE_BENCHMARK.start(options, new Set())

  await run.carryOut({ signal: new AbortController().signal, onProgress: () => {} })

  const { text, json, html } = await run.conclude(true) as Conclusion

  // the text is wrapped
  return { text: text.replaceAll('\n', ' '), results: json as Results, html: await html?.('npm run benchmark -- simulate') ?? '' }
}

test('tells what the crawls of full-table took, below the table, in the report and to programs', async () => {
  const { text, results: { measures, notes }, html } = await conclude('--arms', 'full-table,oracle')
  const note = notes.find(note => note.startsWith('Crawls of full-table: 2, with'))

  expect(measures).toMatchObject({ traceHash: expect.any(String), crawls: 2 })
  // sixteen requests to each that is found, of 200 servers
  expect(measures?.crawlMessages).toBe(16 * Number(measures?.crawlDials))
  expect(measures?.crawlDials).toSatisfy((dials: number) => dials > 2 * 50 && dials < 2 * 200)
  expect(note).toContain(` ${(Number(measures?.crawlMessages) / 4).toLocaleString('en', { maximumFractionDigits: 0 })} for each of its operations`)
  expect(text).toContain(note)
  expect(html).toContain(note)
})

test('tells what the crawls took until a run was interrupted', async () => {
  const { options } = parseOptions<SimulationOptions>(SIMULATOR_OPTIONS, [...SMALL, '--lookups', '20000', '--arms', 'full-table,oracle'])
  const run = SIMULATE_BENCHMARK.start(options, new Set())
  const interruption = new AbortController()

  await expect(run.carryOut({
    signal: interruption.signal,
    onProgress: (done, total) => {
      if (done > total / 5) {
        interruption.abort()
      }
    }
  })).rejects.toThrow()

  const { json } = await run.conclude(false) as Conclusion
  const { results, measures, notes } = json as Results
  const operations = results.find(({ arm }) => arm === 'full-table')?.samples ?? NaN

  expect(operations).toBeLessThan(20_000)
  expect(measures).not.toHaveProperty('traceHash')
  expect(notes.join(' ')).toContain(` ${(Number(measures?.crawlMessages) / operations).toLocaleString('en', { maximumFractionDigits: 0 })} for each of its operations`)
})

test('tells how busy its clients are', async () => {
  const { text } = await conclude('--arms', 'oracle', '--operations', 'closest-peers,provide')

  // 8 operations by 2 clients in 360 s
  expect(text).toContain('Each client began an operation every 90 s.')
})

test('tells of no crawls where nobody crawls', async () => {
  const { text, results: { measures } } = await conclude('--arms', 'oracle')

  expect(text).not.toMatch(/crawl/i)
  expect(measures).toEqual({ traceHash: expect.any(String) })
})
