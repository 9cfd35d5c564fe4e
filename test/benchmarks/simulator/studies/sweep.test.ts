import { expect, test } from 'vitest'
import { ADOPTION } from '../../../../benchmarks/simulator/studies/adoption.ts'
import { CHURN } from '../../../../benchmarks/simulator/studies/churn.ts'
import { EPSILON } from '../../../../benchmarks/simulator/studies/epsilon.ts'
import { NAT } from '../../../../benchmarks/simulator/studies/nat.ts'
import { SCALE } from '../../../../benchmarks/simulator/studies/scale.ts'
import { optionsOf, outcomeFrom, outcomeOf, sampleOf } from './outcomes.ts'
import type { Figure } from '../../../../benchmarks/report/plots/figure.ts'
import type { Arm, Sample } from '../../../../benchmarks/report/results.ts'
import type { Study } from '../../../../benchmarks/simulator/studies/study.ts'

/** A hundred and one lookups of an arm that have these percentiles, ms */
function lookups (arm: Arm, { p50, p90 = p50, p99 = p50 }: { p50: number, p90?: number, p99?: number }, recall?: number): Sample[] {
  return Array.from({ length: 101 }, (_, index): Sample => ({ ...sampleOf(arm, 'closest-peers', index < 90 ? p50 : index < 99 ? p90 : p99), index, recall }))
}

/** What a figure shows, and how */
function shown ({ title, plot }: Figure): { title: string, points: unknown[], x: unknown, y: unknown } {
  const { data, encoding: { x, y } } = plot as unknown as { data: { values: unknown[] }, encoding: Record<'x' | 'y', { scale: { type: string }, axis: { title: string } }> }

  return { title, points: data.values, x: [x.axis.title, x.scale.type], y: [y.axis.title, y.scale.type] }
}

test('changes one thing of what the command line says', () => {
  const base = optionsOf('--lookups', '7', '--seed', '9')

  expect(NAT.settings(base).map(({ options }) => options.nat)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 0.9])
  expect(CHURN.settings(base).map(({ options }) => options.churn)).toContainEqual({ share: 0.6, everyMs: 10_800_000 })
  expect(ADOPTION.settings(base).map(({ options }) => options.adoption)).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(SCALE.settings(base).map(({ options }) => options.nodes)).toEqual([10_000, 100_000, 1_000_000])
  expect(EPSILON.settings(base).map(({ options }) => options.epsilon)).toEqual([0, 0.05, 0.1, 0.2, 0.3, 0.5])

  for (const study of [NAT, CHURN, ADOPTION, SCALE, EPSILON]) {
    expect(study.settings(base).every(({ options }) => options.seed === 9 && options.lookups === 7)).toBe(true)
  }
})

test('says by how much scored is faster than each rival, with both recalls', () => {
  const options = optionsOf('--operations', 'closest-peers')
  const { finding, tables } = NAT.conclude([
    outcomeOf('0% behind NATs', options, { 'go-kad-dht': 900, scored: 300 }),
    outcomeOf('80% behind NATs', options, { 'go-kad-dht': 3000, scored: 500 })
  ])

  expect(finding).toBe('80% behind NATs, closest-peers: scored is 6.00 times as fast as go-kad-dht at the median and 6.00 times in the 99th percentile, recall 0.900 against 0.900.')
  expect(tables[0].rows).toContainEqual(['0% behind NATs', 'closest-peers', 'go-kad-dht', '900', '900', '900', '0.900', '30.0', '20.0', '0/1', '3.00', '3.00'])
})

test('takes the median from the median and the 99th percentile from the 99th percentile', () => {
  const { finding, tables: [{ title, headings, rows }], failed } = NAT.conclude([outcomeFrom('80% behind NATs', optionsOf(), [
    ...lookups('go-kad-dht', { p50: 1000, p90: 3000, p99: 5000 }),
    ...lookups('scored', { p50: 250, p90: 400, p99: 500 }, 0.9).map((sample): Sample => ({ ...sample, failed: sample.index === 100, queries: 7, dials: 3 }))
  ])])

  expect(finding).toBe('80% behind NATs, closest-peers: scored is 4.00 times as fast as go-kad-dht at the median and 10.0 times in the 99th percentile.')
  expect(title).toBe(`${NAT.question} Times, recall and traffic`)
  expect(headings).toEqual(['setting', 'operation', 'arm', 'p50 ms', 'p90 ms', 'p99 ms', 'recall', 'queries', 'dials', 'failed', 'arm / scored, p50', 'p99'])
  expect(rows).toEqual([
    ['80% behind NATs', 'closest-peers', 'go-kad-dht', '1000', '3000', '5000', '', '30.0', '20.0', '0/101', '4.00', '10.0'],
    ['80% behind NATs', 'closest-peers', 'scored', '250', '400', '500', '0.900', '7.0', '3.0', '1/101', '', '']
  ])
  expect(failed).toBe(false)
})

test('compares scored with every rival that took part, in every setting or in those that its finding is about', () => {
  const options = optionsOf('--operations', 'closest-peers,provide')
  const times = { 'kad-dht': 4000, kadabra: 800, 'scored-warm': 100, scored: 400, oracle: 100 }
  const samples = options.operations.flatMap(operation => Object.entries(times).map(([arm, timeMs]) =>
    sampleOf(arm as Arm, operation, operation === 'provide' && arm === 'scored' ? timeMs / 2 : timeMs)))
  const findingOf = (study: Study): string => study.conclude(study.settings(options).map(({ label }) => outcomeFrom(label, options, samples))).finding
  const ratios = (rival: string, ratio: string): string => `${ratio} times as fast as ${rival} at the median and ${ratio} times in the 99th percentile, recall 0.900 against 0.900`
  const of = (label: string): string => `${label}, closest-peers: scored is ${ratios('kad-dht', '10.0')}; ${ratios('kadabra', '2.00')}. ${label}, provide: scored is ${ratios('kad-dht', '20.0')}; ${ratios('kadabra', '4.00')}.`

  expect(findingOf(NAT)).toBe(of('80% behind NATs'))
  expect(findingOf(CHURN)).toBe(of('60% every 3 h'))
  expect(findingOf(ADOPTION)).toBe([0, 25, 50, 75, 100].map(share => of(`${share}% scored`)).join(' '))
})

test('says so when there is nothing to compare', () => {
  expect(NAT.conclude([outcomeOf('80% behind NATs', optionsOf(), { scored: 400, oracle: 100 })]).finding).toBe('80% behind NATs, closest-peers: scored had no rival.')
  expect(NAT.conclude([outcomeOf('80% behind NATs', optionsOf(), { 'kad-dht': 400 })]).finding).toBe('80% behind NATs, closest-peers: scored did not take part.')
})

test('says plainly where scoring does not help', () => {
  const { finding } = NAT.conclude([outcomeOf('80% behind NATs', optionsOf(), { kadabra: 200, scored: 400 })])

  expect(finding).toContain('0.50 times as fast as kadabra')
  expect(finding).toContain('below 1: scoring does not help there')
})

test('says it of the median and of the 99th percentile alike', () => {
  const findingOf = (ours: { p50: number, p99: number }, theirs: { p50: number, p99: number }): string =>
    NAT.conclude([outcomeFrom('80% behind NATs', optionsOf(), [...lookups('scored', ours), ...lookups('kadabra', theirs)])]).finding

  expect(findingOf({ p50: 400, p99: 800 }, { p50: 800, p99: 800 })).toContain('2.00 times as fast as kadabra at the median and 1.00 times in the 99th percentile.')
  expect(findingOf({ p50: 400, p99: 800 }, { p50: 200, p99: 1600 })).toContain('0.50 times as fast as kadabra at the median and 2.00 times in the 99th percentile (below 1: scoring does not help there).')
  expect(findingOf({ p50: 400, p99: 3200 }, { p50: 800, p99: 1600 })).toContain('2.00 times as fast as kadabra at the median and 0.50 times in the 99th percentile (below 1: scoring does not help there).')
})

test.each([
  [0.84, 'but it finds less'],
  [0.86, 'scoring does not help there'],
  [undefined, 'scoring does not help there']
])('takes a rival with a recall of %d against 0.9 for one that: %s', (recall, remark) => {
  const { finding } = NAT.conclude([outcomeFrom('80% behind NATs', optionsOf(), [...lookups('scored', { p50: 400 }, 0.9), ...lookups('kadabra', { p50: 200 }, recall)])])

  expect(finding).toContain(`(below 1${remark.startsWith('but') ? ',' : ':'} ${remark})`)
})

test('does not take an arm for faster that finds less', () => {
  const options = optionsOf()
  const outcome = outcomeOf('80% behind NATs', options, { scored: 400 })
  const givingUp = outcomeOf('80% behind NATs', options, { 'full-table': 100 }, {}, 0.2)

  expect(NAT.conclude([{ ...outcome, results: [...outcome.results, ...givingUp.results] }]).finding)
    .toContain('0.25 times as fast as full-table at the median and 0.25 times in the 99th percentile (below 1, but it finds less), recall 0.900 against 0.200')
})

test('has a plot of the median, of the 99th percentile and of recall for each operation', () => {
  const outcomes = NAT.settings(optionsOf('--operations', 'closest-peers,provide'))
    .map(({ label, options }) => outcomeOf(label, options, { 'kad-dht': 5000, scored: 500 }))

  expect(NAT.conclude(outcomes).figures.map(({ title }) => title)).toEqual([
    'closest-peers, median', 'closest-peers, 99th percentile', 'closest-peers, recall',
    'provide, median', 'provide, 99th percentile', 'provide, recall'
  ])
})

test('plots seconds and recall against what it changes', () => {
  const options = optionsOf('--operations', 'closest-peers')
  const { figures } = CHURN.conclude([
    outcomeFrom('20% every 5 h', options, [...lookups('scored', { p50: 500, p99: 700 }, 0.8), sampleOf('scored', 'provide', 3000)]),
    outcomeFrom('60% every 3 h', options, [...lookups('kad-dht', { p50: 5000, p99: 60_000 }, 0.7), ...lookups('scored', { p50: 600, p99: 900 }, 0.9)])
  ])
  const title = 'toggles per hour and server, over all'
  const xs = [0.2 / 5, 0.6 / 3, 0.6 / 3]
  const points = (...ys: number[]): unknown[] => ys.map((y, index) => ({ arm: ['scored', 'kad-dht', 'scored'][index], x: xs[index], y: expect.closeTo(y, 9) }))

  expect(figures.map(shown)).toEqual([
    { title: 'closest-peers, median', points: points(0.5, 5, 0.6), x: [title, 'linear'], y: ['time of one operation, s', 'log'] },
    { title: 'closest-peers, 99th percentile', points: points(0.7, 60, 0.9), x: [title, 'linear'], y: ['time of one operation, s', 'log'] },
    { title: 'closest-peers, recall', points: points(0.8, 0.7, 0.9), x: [title, 'linear'], y: ['recall', 'linear'] }
  ])
})

test.each([
  [NAT, 'share of the servers behind NATs', 'linear', [0, 0.2, 0.4, 0.6, 0.8, 0.9]],
  [CHURN, 'toggles per hour and server, over all', 'linear', [0.2 / 3, 0.4 / 3, 0.6 / 3, 0.2 / 5, 0.4 / 5, 0.6 / 5]],
  [SCALE, 'servers', 'log', [10_000, 100_000, 1_000_000]],
  [ADOPTION, 'share of the servers that run scoredKadDHT', 'linear', [0, 0.25, 0.5, 0.75, 1]],
  [EPSILON, 'epsilon', 'linear', [0, 0.05, 0.1, 0.2, 0.3, 0.5]]
])('has each setting at its place: $name', (study, title, scale, xs) => {
  const { figures } = study.conclude(study.settings(optionsOf()).map(({ label, options }) => outcomeOf(label, options, { scored: 500 })))

  for (const figure of figures.map(shown)) {
    expect(figure).toMatchObject({ points: xs.map(x => ({ x })), x: [title, scale] })
  }
})

test('plots no recall where nobody counted it', () => {
  const { figures } = NAT.conclude([outcomeFrom('80% behind NATs', optionsOf(), lookups('scored', { p50: 500 }))])

  expect(figures.map(({ title }) => title)).toEqual(['closest-peers, median', 'closest-peers, 99th percentile'])
})

test('finds the epsilon that is fastest at the median, and what the default costs against it', () => {
  const lookupsWith: Record<string, Sample[]> = {
    'epsilon 0': lookups('scored', { p50: 120, p99: 200 }, 0.9),
    'epsilon 0.1': lookups('scored', { p50: 100, p99: 900 }, 0.85),
    'epsilon 0.2': lookups('scored', { p50: 110, p99: 300 }, 0.95)
  }
  const outcomes = EPSILON.settings(optionsOf('--arms', 'scored'))
    .filter(({ label }) => label in lookupsWith)
    .map(({ label, options }) => outcomeFrom(label, options, lookupsWith[label]))

  expect(EPSILON.conclude(outcomes).finding).toBe('Lookups are fastest at the median with epsilon 0.1: 100 ms, 99th percentile 900 ms, recall 0.850. At the default of 0.2 it is 110 ms (1.10 times the best) at recall 0.950.')
  expect(EPSILON.conclude(outcomes.slice(1)).tables[0].rows.map(([label]) => label)).toEqual(['epsilon 0.1', 'epsilon 0.2'])
  expect(EPSILON.conclude(outcomes.slice(0, 2)).finding).toBe('Lookups are fastest at the median with epsilon 0.1: 100 ms, 99th percentile 900 ms, recall 0.850.')
  expect(EPSILON.conclude(outcomes.slice(2)).finding).toBe('Lookups are fastest at the median with epsilon 0.2: 110 ms, 99th percentile 300 ms, recall 0.950.')
})

test('finds no epsilon without scored', () => {
  const [{ label, options }] = EPSILON.settings(optionsOf('--arms', 'oracle'))

  expect(EPSILON.conclude([outcomeOf(label, options, { oracle: 100 })]).finding).toBe('epsilon 0, closest-peers: scored did not take part.')
})

test('tells the growth of time and of requests for each tenfold, of every arm', () => {
  const outcomes = SCALE.settings(optionsOf('--arms', 'kad-dht,scored')).map(({ label, options }, tenfolds) => outcomeFrom(label, options, [
    { ...sampleOf('kad-dht', 'closest-peers', 5000 - 100 * tenfolds), queries: 100 + 12.5 * tenfolds },
    ...lookups('scored', { p50: 500 + 80 * tenfolds, p99: 9000 }).map(sample => ({ ...sample, queries: 30 + 1.5 * tenfolds })),
    sampleOf('scored', 'provide', 10_000 * tenfolds)
  ]))

  expect(SCALE.conclude(outcomes).finding).toBe('At the median, kad-dht takes 5000 ms at 10,000 servers and -100 ms more for each tenfold, with 12.5 more requests; scored takes 500 ms at 10,000 servers and 80 ms more for each tenfold, with 1.5 more requests.')
  // the line through the two larger networks meets the smallest where it was
  expect(SCALE.conclude(outcomes.slice(1)).finding).toContain('scored takes 500 ms at 10,000 servers and 80 ms more')
})

test('tells no growth from the one setting that was done until it was interrupted', () => {
  const [first] = SCALE.settings(optionsOf())

  expect(SCALE.conclude([outcomeOf(first.label, first.options, { 'kad-dht': 5000, scored: 500 })]).finding).toMatch(/^10,000 servers, closest-peers: scored is 10\.0 times as fast as kad-dht/)
})
