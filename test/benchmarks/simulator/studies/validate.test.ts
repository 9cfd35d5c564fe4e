import { describe, expect, test } from 'vitest'
import { PUBLISHED } from '../../../../benchmarks/simulator/studies/published.ts'
import { VALIDATE } from '../../../../benchmarks/simulator/studies/validate.ts'
import { optionsOf, outcomeFrom, sampleOf } from './outcomes.ts'
import type { Sample } from '../../../../benchmarks/report/results.ts'
import type { StudyFindings, StudyOutcome } from '../../../../benchmarks/simulator/studies/study.ts'

type Percentiles = Readonly<Record<string, number>>

/** What the model comes to; what is left out is as published */
interface Simulated {
  provideS?: Percentiles
  hops?: Percentiles
  holders?: Percentiles
  deadShare?: { full: number, sparse: number }
  lookup2025S?: Percentiles
  provide2025S?: Percentiles
}

const CALIBRATED = ['provideS', 'holders', 'deadShare'] as const
const PREDICTED = ['hops', 'lookup2025S', 'provide2025S'] as const
const WHOLE = ['hops', 'holders'] as const
const CONTINUOUS = ['provideS', 'deadShare', 'lookup2025S', 'provide2025S'] as const

function conclude (simulated: Simulated = {}): StudyFindings {
  return VALIDATE.conclude([july2022(simulated), february2025(simulated)])
}

function july2022 ({ provideS = PUBLISHED.provideS, hops = PUBLISHED.hops, holders = PUBLISHED.holders, deadShare = PUBLISHED.deadShare }: Simulated = {}): StudyOutcome {
  const found = valuesWith(holders)

  return outcomeFrom('July 2022', optionsOf(), [
    ...valuesWith(provideS).map((seconds, index): Sample => ({ ...sampleOf('go-kad-dht', 'provide', 1000 * seconds), found: found[index] })),
    // a lookup tells of hops, and of nothing else that was published
    ...valuesWith(hops).map((hops): Sample => ({ ...sampleOf('go-kad-dht', 'closest-peers', 1), hops, found: 1 }))
  ], { tables: { deadInFull: deadShare.full, deadInSparse: deadShare.sparse } })
}

function february2025 ({ lookup2025S = PUBLISHED.lookup2025S, provide2025S = PUBLISHED.provide2025S }: Simulated = {}): StudyOutcome {
  return outcomeFrom('February 2025', optionsOf(), [
    ...valuesWith(lookup2025S).map(seconds => sampleOf('go-kad-dht', 'find-providers', 1000 * seconds)),
    ...valuesWith(provide2025S).map(seconds => sampleOf('go-kad-dht', 'provide', 1000 * seconds))
  ])
}

/** A hundred and one values that have these percentiles, and next to them others */
function valuesWith (percentiles: Percentiles): number[] {
  const at = new Map(Object.entries(percentiles).map(([name, value]) => [Number(name.slice(1)), value]))

  return Array.from({ length: 101 }, (_, percent) => at.get(percent) ?? [...at].reduce((value, [below, own]) => below < percent ? own + 1e-6 : value, 0))
}

function changed<Values extends Percentiles> (values: Values, change: (value: number) => number): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)])) as Values
}

/** For each figure of the table whether it holds */
function holding ({ tables: [{ rows }] }: StudyFindings): string[] {
  return rows.map(([, , holds]) => holds)
}

describe('the validation', () => {
  test('shows every published figure, how it was used, and what the model comes to', () => {
    const { finding, tables, failed } = conclude()

    expect(tables).toEqual([{
      title: 'Measured and simulated',
      headings: ['figure', 'how', 'holds', 'published', 'simulated'],
      rows: [
        ['provide 2022, p5', 'calibrated', 'yes', '2.97 s', '2.97 s'],
        ['provide 2022, p25', 'calibrated', 'yes', '7.01 s', '7.01 s'],
        ['provide 2022, p50', 'calibrated', 'yes', '12.64 s', '12.64 s'],
        ['provide 2022, p75', 'calibrated', 'yes', '23.33 s', '23.33 s'],
        ['provide 2022, p90', 'calibrated', 'yes', '48.98 s', '48.98 s'],
        ['hops 2022, p50', 'predicted', 'yes', '4', '4'],
        ['hops 2022, p90', 'predicted', 'yes', '6', '6'],
        ['reachable holders 2022, p5', 'calibrated', 'yes', '14', '14'],
        ['reachable holders 2022, p50', 'calibrated', 'yes', '18', '18'],
        ['reachable holders 2022, p90', 'calibrated', 'yes', '20', '20'],
        ['dead entries in full buckets', 'calibrated', 'yes', '3.8%', '3.8%'],
        ['dead entries in sparse buckets', 'calibrated', 'yes', '15.0%', '15.0%'],
        ['find a provider 2025, p50', 'predicted', 'yes', '0.32 s', '0.32 s'],
        ['find a provider 2025, p90', 'predicted', 'yes', '1.09 s', '1.09 s'],
        ['find a provider 2025, p99', 'predicted', 'yes', '1.66 s', '1.66 s'],
        ['provide 2025, p50', 'predicted', 'yes', '10.92 s', '10.92 s'],
        ['provide 2025, p90', 'predicted', 'yes', '30.51 s', '30.51 s'],
        ['provide 2025, p99', 'predicted', 'yes', '126.10 s', '126.10 s']
      ]
    }])
    expect(finding).toBe('The model comes to 10 of 10 figures that it was calibrated by and to 8 of 8 figures that it was only asked for. A time or a share holds within 20%, a whole number within one.')
    expect(failed).toBe(false)
  })

  test.each(CONTINUOUS)('lets each of %s be a fifth away from what was published, to either side, and no further', figure => {
    const holdingAt = (factor: number): number => holding(conclude({ [figure]: changed(PUBLISHED[figure], value => factor * value) })).filter(holds => holds === 'yes').length
    const missed = 18 - Object.keys(PUBLISHED[figure]).length

    expect([0.799, 0.801, 1.199, 1.201].map(holdingAt)).toEqual([missed, 18, 18, missed])
  })

  test.each(WHOLE)('lets each of %s be one away from what was published, to either side, and no further', figure => {
    const holdingAt = (step: number): number => holding(conclude({ [figure]: changed(PUBLISHED[figure], value => value + step) })).filter(holds => holds === 'yes').length
    const missed = 18 - Object.keys(PUBLISHED[figure]).length

    expect([-2, -1, 1, 2].map(holdingAt)).toEqual([missed, 18, 18, missed])
  })

  test('names what it misses, with both figures', () => {
    const { finding, tables: [{ rows }] } = conclude({ provideS: { ...PUBLISHED.provideS, p5: 1.5 }, hops: { p50: 6, p90: 9 }, deadShare: { full: 0.05, sparse: 0.15 } })

    expect(finding).toBe('The model comes to 8 of 10 figures that it was calibrated by and to 6 of 8 figures that it was only asked for; it misses provide 2022, p5 (1.50 s against 2.97 s), hops 2022, p50 (6 against 4), hops 2022, p90 (9 against 6), dead entries in full buckets (5.0% against 3.8%). A time or a share holds within 20%, a whole number within one.')
    expect(rows).toContainEqual(['hops 2022, p50', 'predicted', 'no', '4', '6'])
  })

  test.each(CALIBRATED)('fails without %s, by which it was calibrated', figure => {
    expect(conclude({ [figure]: changed(PUBLISHED[figure], value => 2 * value) }).failed).toBe(true)
  })

  test.each(PREDICTED)('does not fail without %s, which nothing was chosen by', figure => {
    expect(conclude({ [figure]: changed(PUBLISHED[figure], value => 2 * value) }).failed).toBe(false)
  })

  test('fails where nothing was measured that it is calibrated by', () => {
    const { failed, tables: [{ rows }] } = VALIDATE.conclude([{ ...july2022(), samples: [] }])

    expect(failed).toBe(true)
    expect(rows[0]).toEqual(['provide 2022, p5', 'calibrated', 'no', '2.97 s', 'NaN s'])
  })

  test('concludes from what was done until it was interrupted', () => {
    expect(VALIDATE.conclude([july2022()]).finding).toContain('10 of 10 figures that it was calibrated by and to 2 of 2 figures that it was only asked for.')
    expect(VALIDATE.conclude([february2025()]).finding).toContain('0 of 0 figures that it was calibrated by and to 6 of 6 figures that it was only asked for.')
    expect(VALIDATE.conclude([july2022()]).figures).toHaveLength(1)
    expect(VALIDATE.conclude([february2025()]).figures).toHaveLength(2)
  })

  test('plots the simulated times of each operation, with the published percentiles on them', () => {
    const { figures } = conclude({ provideS: { p5: 1, p90: 2 }, lookup2025S: { p5: 3, p90: 4 }, provide2025S: { p5: 5, p90: 6 } })
    const layers = figures.map(({ plot }) => 'layer' in plot ? plot.layer : [])
    const secondsOf = (layer: unknown): number[] => (layer as { data: { values: Array<{ seconds: number }> } }).data.values.map(({ seconds }) => Math.round(1000 * seconds) / 1000)

    expect(figures.map(({ title }) => title)).toEqual(['Provide, July 2022', 'Finding a provider, February 2025 (predicted)', 'Provide, February 2025 (predicted)'])
    expect(layers.map(([simulated]) => secondsOf(simulated).at(-1))).toEqual([2, 4, 6])
    expect(layers.map(([, published]) => secondsOf(published))).toEqual([
      [2.97, 7.01, 12.64, 23.33, 48.98],
      [0.319, 1.095, 1.661],
      [10.92, 30.51, 126.1]
    ])
  })

  test('measures as those did whose figures it is held against', () => {
    const base = optionsOf('--seed', '7', '--lookups', '800')
    const then = { ...base, conditions: 'amino-2022', nodes: 15_400, instrument: 'cid-hoarder', clients: 1, operations: ['provide'], hours: 0.05 }

    expect(VALIDATE.settings(base)).toEqual([
      { label: 'July 2022', options: then },
      // each of seven hosts does something each minute
      { label: 'February 2025', options: { ...base, conditions: 'amino-2025', nodes: 10_000, instrument: 'parsec', clients: 7, operations: ['find-providers', 'provide'], lookups: 80, hours: 160 / (7 * 60) } },
      ...[15, 25, 40].map(clientK => ({ label: `July 2022, k = ${clientK}`, options: { ...then, clientK } }))
    ])
    expect(VALIDATE.defaults).toMatchObject({ arms: ['go-kad-dht'], lookups: 10_000 })
  })

  test('asks for the provides of other k, and does not fail by them', () => {
    const { failed, tables: [{ rows }] } = VALIDATE.conclude([outcomeFrom('July 2022, k = 40', optionsOf(), [sampleOf('go-kad-dht', 'provide', 21_000)])])

    expect(rows).toHaveLength(5)
    expect(rows).toContainEqual(['provide 2022 with k = 40, p50', 'predicted', 'yes', '21.27 s', '21.00 s'])
    expect(rows).toContainEqual(['provide 2022 with k = 40, p90', 'predicted', 'no', '167.74 s', '21.00 s'])
    expect(failed).toBe(false)
  })
})
