import { expect, it } from 'vitest'
import { PUBLISHED } from '../../../../benchmarks/simulator/studies/published.ts'
import { VALIDATE } from '../../../../benchmarks/simulator/studies/validate.ts'
import { optionsOf, sampleOf } from './outcomes.ts'
import type { StudyOutcome } from '../../../../benchmarks/simulator/studies/study.ts'

const base = optionsOf('--lookups', '800')

/** An outcome in which all operations take the same time, ms */
function outcomeOf (label: string, timeMs: number): StudyOutcome {
  const samples = [sampleOf('go-kad-dht', 'provide', timeMs), sampleOf('go-kad-dht', 'find-providers', timeMs)]

  return { label, options: base, samples, results: [], measures: { tables: { deadInFull: PUBLISHED.deadShare.full, deadInSparse: PUBLISHED.deadShare.sparse } } }
}

it('measures as those did whose figures it is held against', () => {
  const settings = VALIDATE.settings(base)
  const then = { conditions: 'amino-2022', instrument: 'cid-hoarder', clients: 1, operations: ['provide'], lookups: 800, hours: 0.05 }

  expect(settings).toMatchObject([
    { label: 'July 2022', options: { ...then, k: 20, clientK: undefined } },
    // each of seven hosts does something each minute
    { label: 'February 2025', options: { conditions: 'amino-2025', instrument: 'parsec', clients: 7, lookups: 80, hours: 160 / (7 * 60) } },
    ...[15, 25, 40].map(clientK => ({ label: `July 2022, k = ${clientK}`, options: { ...then, k: 20, clientK } }))
  ])
})

it('tells apart what it was calibrated by and what it was only asked for, and fails by the former only', () => {
  const { failed, tables: [{ rows }] } = VALIDATE.conclude([outcomeOf('July 2022, k = 40', 21_000), outcomeOf('February 2025', 11_000)])

  expect(rows).toContainEqual(['provide 2022 with k = 40, p50', 'predicted', 'yes', '21.27 s', '21.00 s'])
  expect(rows).toContainEqual(['provide 2025, p90', 'predicted', 'no', '30.51 s', '11.00 s'])
  expect(failed).toBe(false)

  const { failed: failedThen, tables: [{ rows: rowsThen }] } = VALIDATE.conclude([outcomeOf('July 2022', 12_000)])

  expect(rowsThen).toContainEqual(['provide 2022, p50', 'calibrated', 'yes', '12.64 s', '12.00 s'])
  expect(rowsThen).toContainEqual(['provide 2022, p5', 'calibrated', 'no', '2.97 s', '12.00 s'])
  expect(failedThen).toBe(true)
})
