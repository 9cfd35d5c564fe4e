import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('../../../benchmarks/cli.ts', import.meta.url))

const run = promisify(execFile)

test('measures every operation once for each way of doing it and compares those of kad-dht and ours', async () => {
  const { stdout, stderr } = await run(process.execPath, [CLI, 'micro', '--time-ms', '10', '--seed', '3', '--json', '-'])
  const { results, versus, memory, ...rest } = JSON.parse(stdout)

  expect(rest).toMatchObject({ benchmark: 'micro', seed: 3, parameters: { timeMs: 10 } })
  expect(stderr).toContain('closest 20 of 1,280')
  expect(results.map(({ arm, operation, by }: Record<string, string>) => `${arm}: ${operation}, ${by}`)).toEqual([
    'kad-dht: closest 20 of 1,280, KBucket.closest',
    'scored: closest 20 of 1,280, ScoredRoutingTable.candidates',
    'scored: closest 20 of 1,280, PrefixTrie.closest',
    'scored: closest 20 of 1,000, PrefixTrie.closest',
    'scored: closest 20 of 10,000, PrefixTrie.closest',
    'scored: closest 20 of 100,000, PrefixTrie.closest',
    expect.stringMatching(/^scored: one lookup: \d+ queries, \d+ facts, Lookup.advance$/),
    'scored: choice among 20, EpsilonGreedySelector.select',
    'scored: score update, 10,000 peers, PeerScores.record',
    'scored: best 200 of 50,000 scores, ScoredRoutingTable.best',
    expect.stringMatching(/^scored: score record to \d+ bytes, encodeStoredPeer$/),
    expect.stringMatching(/^scored: score record from \d+ bytes, decodeStoredPeer$/),
    'scored: start with 20,000 named peers, ScoreKeeper.start'
  ])

  for (const { samples, operationsPerSecond, timeMs } of results) {
    expect(samples).toBeGreaterThan(0)
    expect(operationsPerSecond).toBeGreaterThan(0)
    expect(timeMs.p50).toBeGreaterThan(0)
    expect(timeMs.p99).toBeGreaterThanOrEqual(timeMs.p50)
  }

  expect(memory).toEqual([{ what: 'a peer that was only named', peers: 20_000, bytesPerPeer: expect.any(Number) }])
  expect(versus).toEqual(['ScoredRoutingTable.candidates', 'PrefixTrie.closest'].map(by => ({
    arm: 'scored',
    baseline: 'kad-dht',
    operation: 'closest 20 of 1,280',
    by,
    ratioP50: expect.any(Number),
    ci95: [expect.any(Number), expect.any(Number)]
  })))
})

test('has no HTML report to write, and says so', async () => {
  const failure = await run(process.execPath, [CLI, 'micro', '--report', 'report.html']).catch(err => err)

  expect(failure).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--report: micro writes no HTML report') })
})
