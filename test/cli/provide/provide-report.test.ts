import { expect, test } from 'vitest'
import { formatProvideReport } from '../../../src/cli/provide/provide-report.ts'
import type { ProvideReport } from '../../../src/cli/provide/provide-report.ts'

const ALL: ProvideReport = { stored: 200, failed: 0, waiting: 0, keysPerSecond: 62.5, seconds: 3.2, failures: [] }

test.each<[string, Partial<ProvideReport>, boolean, string[]]>([
  ['all is stored', {}, false, ['200 keys stored in 3.2 s, 62.5 a second']],
  ['one has failed', { failed: 1, waiting: 1, failures: ['a'] }, false, ['200 keys stored in 3.2 s, 62.5 a second', '1 key failed:', '  a', '1 key waits, and the same command sends it']],
  ['it was stopped', { waiting: 7 }, true, ['200 keys stored in 3.2 s, 62.5 a second', 'stopped: 7 keys wait, and the same command sends them']],
  ['it was stopped when all was stored', {}, true, ['200 keys stored in 3.2 s, 62.5 a second']],
  ['there was nothing', { stored: 0 }, false, ['nothing waits: all is stored already']],
  ['it was stopped before', { stored: 0 }, true, ['stopped before anything was sent']]
])('%s', (_, change, stopped, lines) => {
  expect(formatProvideReport({ ...ALL, ...change }, stopped)).toBe(lines.join('\n') + '\n')
})

test('the first failures are named, and the rest is counted', () => {
  const failures = Array.from({ length: 1_000 }, (_, i) => `cid-${i}`)
  const lines = formatProvideReport({ ...ALL, failed: 5_000, waiting: 5_000, failures }, false).split('\n')

  expect(lines.filter(line => line.startsWith('  cid-'))).toEqual(failures.slice(0, 10).map(cid => `  ${cid}`))
  expect(lines).toContain('  and 4990 more')
})
