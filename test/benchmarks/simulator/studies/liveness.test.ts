import { expect, test } from 'vitest'
import { LIVENESS } from '../../../../benchmarks/simulator/studies/liveness.ts'
import { optionsOf, outcomeFrom } from './outcomes.ts'
import type { PresenceCheck } from '../../../../benchmarks/simulator/measures/presence-probe.ts'
import type { StudyFindings } from '../../../../benchmarks/simulator/studies/study.ts'

const HOUR_MS = 3_600_000
const NOBODY = { peers: 0, chance: 0, alive: 0 }

/** Each tenth that is given: the peers, the mean chance and the share alive */
function checkOf (atMs: number, tenths: Record<number, [peers: number, chance: number, alive: number]>, brier = 0.1): PresenceCheck {
  const deciles = Array.from({ length: 10 }, (_, tenth) => {
    const [peers, chance, alive] = tenths[tenth] ?? [0, 0, 0]

    return tenth in tenths ? { peers, chance, alive } : NOBODY
  })

  return { arm: 'scored', atMs, peers: 1234, brier, baseBrier: 0.2, deciles, namedAreAlive: 0.87, livingAreNamed: 0.6 }
}

function conclude (checks: PresenceCheck[]): StudyFindings {
  return LIVENESS.conclude([outcomeFrom('a world', optionsOf(), [], { presence: checks })])
}

test('says how true the chances are and who is named', () => {
  const { finding, failed } = conclude([checkOf(HOUR_MS, { 9: [500, 0.95, 0.9] }), checkOf(2 * HOUR_MS, { 0: [400, 0.05, 0.06], 9: [500, 0.95, 0.94] })])

  expect(finding).toBe('a world, scored: the squared error of the chances is 50% below that of the base rate at the end; the worst tenth is off by 0.05 over the run; 87% of those named are there.')
  expect(failed).toBe(false)
})

test('says where a chance is not true, and takes no tenth for it that has too few peers', () => {
  expect(conclude([checkOf(HOUR_MS, { 4: [99, 0.45, 0.9], 5: [100, 0.5, 0.58] })]).finding).toContain('the worst tenth is off by 0.08 over the run (more than 0.07)')
})

test('has each figure in its tables, and a point for each tenth', () => {
  const { tables, figures } = conclude([checkOf(HOUR_MS, { 0: [99, 0.05, 0.06], 9: [500, 0.954, 0.937] })])

  expect(tables[0].rows).toEqual([['scored', '60', '1234', '0.100', '0.200', '87%', '60%']])
  expect(tables[1].rows).toEqual([['scored', '60', ...Array.from({ length: 9 }, () => ''), '0.95: 0.94']])
  expect((figures[0].plot as unknown as { data: { values: unknown[] } }).data.values).toEqual([{ chance: 0.954, alive: 0.937, peers: 500, arm: 'scored' }])
})

test('simulates each law of sessions, and nodes that toggle', () => {
  const base = optionsOf('--seed', '7')
  const settings = LIVENESS.settings(base)

  expect(settings.map(({ label }) => label)).toEqual([
    'amino-2022, weibull sessions',
    'amino-2022, exponential sessions',
    'amino-2022, log-normal sessions',
    'amino-2022, clock sessions',
    'amino-2022, 60% toggle every 3 h'
  ])
  expect(settings[0].options).toEqual(base)
  expect(settings[3].options).toEqual({ ...base, sessions: 'clock' })
  expect(settings[4].options).toEqual({ ...base, churn: { share: 0.6, everyMs: 3 * HOUR_MS } })
})
