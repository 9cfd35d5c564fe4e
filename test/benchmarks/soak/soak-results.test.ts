import { expect, test } from 'vitest'
import { soakResults } from '../../../benchmarks/soak/soak-results.ts'
import { formatSoakTable } from '../../../benchmarks/soak/soak-table.ts'
import type { SoakEnd, SoakSample } from '../../../benchmarks/soak/run-soak.ts'
import type { SoakOptions } from '../../../benchmarks/soak/soak-options.ts'

const OPTIONS: SoakOptions = {
  minutes: 30,
  warmUpMinutes: 5,
  maxGrowth: 10,
  parallel: 4,
  nodes: 200,
  scenario: 'storm',
  churn: 0.05,
  churnSeconds: 30,
  sampleSeconds: 60,
  seed: 1,
  rttMs: 100,
  sigma: 0.5,
  timeoutMs: 20_000
}

const NOTHING_LEFT: SoakEnd = { handles: {}, listeners: 0, warnings: {}, exited: true }

test('finds no fault where memory grows in the warm-up only and nothing is left', async () => {
  const results = await soakResults(OPTIONS, samples(minute => minute < 5 ? 10 + 4 * minute : 30), NOTHING_LEFT)

  expect(results.heap).toEqual({ warmMiB: 30, endMiB: 30, growthPercent: 0, slopeMiBPerHour: 0 })
  expect(results.faults).toEqual([])
  expect(formatSoakTable(results)).toContain('After stop nothing was left')
})

test('measures how fast memory grows after the warm-up, and finds fault beyond the bound', async () => {
  const { heap, faults } = await soakResults(OPTIONS, samples(minute => 30 + 0.2 * minute), NOTHING_LEFT)

  expect(heap?.slopeMiBPerHour).toBeCloseTo(12)
  expect(heap?.growthPercent).toBeCloseTo(100 * (35.6 / 31.4 - 1))
  expect(faults).toEqual(['The heap grew by 13.4% after the warm-up; allowed are 10%.'])
  expect((await soakResults({ ...OPTIONS, maxGrowth: 15 }, samples(minute => 30 + 0.2 * minute), NOTHING_LEFT)).faults).toEqual([])
})

test.each<{ end: Partial<SoakEnd>, fault: string }>([
  { end: { handles: { TCPSocketWrap: 2 } }, fault: 'Left after stop: 2 TCPSocketWrap' },
  { end: { listeners: 3 }, fault: 'Left after stop: 3 listeners' },
  { end: { warnings: { 'MaxListenersExceededWarning: leak': 1 } }, fault: 'Node warned, 1 times: MaxListenersExceededWarning: leak' },
  { end: { exited: false }, fault: 'The process did not end by itself after stop.' }
])('finds fault with $end', async ({ end, fault }) => {
  const results = await soakResults(OPTIONS, samples(() => 30), { ...NOTHING_LEFT, ...end })

  expect(results.faults).toEqual([fault])
  expect(formatSoakTable(results)).toContain(fault)
})

test('says what is not known when the run was too short or did not reach its end', async () => {
  const { heap, end, faults, notes } = await soakResults(OPTIONS, samples(() => 30).slice(0, 3), undefined)

  expect([heap, end]).toEqual([undefined, undefined])
  expect(faults).toEqual([])
  expect(notes).toEqual(expect.arrayContaining([expect.stringContaining('Too short'), expect.stringContaining('did not reach its end')]))
})

/** A look a minute for half an hour */
function samples (heapMiB: (minute: number) => number): SoakSample[] {
  return Array.from({ length: 31 }, (_, minute) => ({
    atMs: 60_000 * minute,
    lookups: 100 * minute,
    failures: 0,
    heapMiB: heapMiB(minute),
    rssMiB: 200,
    handles: 20,
    connections: 10,
    streams: 10,
    scores: 100,
    table: 50,
    peerStore: 100,
    abortListeners: 5,
    warnings: {}
  }))
}
