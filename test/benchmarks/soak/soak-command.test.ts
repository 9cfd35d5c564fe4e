import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('../../../benchmarks/cli.ts', import.meta.url))

test('looks keys up while peers come and go, and finds nothing left after the node was stopped', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    CLI, 'soak', '--json', '-', '--minutes', '0.1', '--nodes', '12', '--rtt-ms', '5', '--churn', '0.3', '--churn-seconds', '2', '--sample-seconds', '2'
  ])
  const { benchmark, results, end, faults } = JSON.parse(stdout)

  expect(benchmark).toBe('soak')
  expect(faults).toEqual([])
  expect(end).toEqual({ handles: {}, listeners: 0, warnings: {}, exited: true })
  expect(results.length).toBeGreaterThan(2)
  expect(results.at(-1).lookups).toBeGreaterThan(results[1].lookups)

  for (const { heapMiB, rssMiB, handles, connections, table } of results) {
    expect(heapMiB).toBeGreaterThan(1)
    expect(rssMiB).toBeGreaterThan(heapMiB)
    expect(Math.min(handles, connections, table)).toBeGreaterThan(0)
  }
})
