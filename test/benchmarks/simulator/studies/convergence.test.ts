import { expect, test } from 'vitest'
import { CONVERGENCE } from '../../../../benchmarks/simulator/studies/convergence.ts'
import { optionsOf, outcomeFrom, sampleOf } from './outcomes.ts'
import type { Figure } from '../../../../benchmarks/report/plots/figure.ts'
import type { Sample } from '../../../../benchmarks/report/results.ts'
import type { ConvergenceCheck, NoticedShare } from '../../../../benchmarks/simulator/measures/convergence-probe.ts'
import type { StudyFindings } from '../../../../benchmarks/simulator/studies/study.ts'

const MINUTE_MS = 60_000
const CLIENTS = 2

const CHECKS: ConvergenceCheck[] = [
  { atMs: 20 * MINUTE_MS, rankCorrelation: undefined, agreement: undefined, goodAreAlive: 0.5, poorAreDead: 0.25 },
  { atMs: 40 * MINUTE_MS, rankCorrelation: 0.375, agreement: 0.75, goodAreAlive: 0.6, poorAreDead: 0.7 },
  // a twentieth below the last one, and a little more
  { atMs: 60 * MINUTE_MS, rankCorrelation: 0.5, agreement: 0.7599, goodAreAlive: 0.7, poorAreDead: 0.8 },
  { atMs: 80 * MINUTE_MS, rankCorrelation: 0.625, agreement: 0.7601, goodAreAlive: 0.8, poorAreDead: 0.85 },
  { atMs: 100 * MINUTE_MS, rankCorrelation: 0.55, agreement: 0.8, goodAreAlive: 0.91, poorAreDead: 0.87 }
]

const NOTICED: NoticedShare[] = [
  { withinMs: MINUTE_MS, gone: 0.1, back: undefined },
  { withinMs: 15 * MINUTE_MS, gone: 0.31, back: 0.42 },
  { withinMs: 120 * MINUTE_MS, gone: 0.83, back: 0.94 }
]

/** Of every client, in turn: twenty lookups that take 1000 ms and more, twenty that take less */
const SAMPLES: Sample[] = [
  ...Array.from({ length: 2 * 20 * CLIENTS }, (_, index): Sample => ({ ...sampleOf('scored', 'closest-peers', (index < 20 * CLIENTS ? 1000 : 400) + index), index })),
  { ...sampleOf('kad-dht', 'closest-peers', 9000), queries: 110 },
  { ...sampleOf('kad-dht', 'closest-peers', 9000), queries: 130 }
]

function conclude ({ checks = CHECKS, noticed = NOTICED, samples = SAMPLES }: { checks?: ConvergenceCheck[], noticed?: NoticedShare[], samples?: Sample[] } = {}): StudyFindings {
  return CONVERGENCE.conclude([outcomeFrom('as asked', optionsOf('--clients', String(CLIENTS)), samples, { convergence: checks, noticed, load: { 'kad-dht': 0.771, scored: 0.378 } })])
}

function pointsOf ({ plot }: Figure): unknown[] {
  return (plot as unknown as { data: { values: unknown[] } }).data.values
}

test('says how far independent nodes agree, how soon they notice, on whom the load falls and what a client learns', () => {
  const { finding, failed } = conclude()

  expect(finding).toBe([
    'Two nodes that know the same peer and hold it good or poor agree for 80% of such peers (rank correlation of all scores 0.55), within 5% of that from minute 80 on;',
    '91% of those held good are alive and 87% of those held poor are not.',
    'Of the known peers that went away 5 to 15 minutes ago 31% are held poor, of those gone for one to two hours 83%;',
    'of those back for 5 to 15 minutes 42% are no longer held poor, after one to two hours 94%.',
    'The requests of kad-dht have a Gini coefficient of 0.77 over all nodes, those of scored have a Gini coefficient of 0.38 over all nodes.',
    'The median lookup of scored takes 1020 ms in a client\'s first 20 and 460 ms in its last 20.'
  ].join(' '))
  expect(failed).toBe(false)
})

test.each([
  // within a twentieth of the last one, and not any more
  [[0.8, 0.79, 0.5, 0.78, 0.8], 80],
  [[0.8, 0.79, undefined, 0.78, 0.8], 80],
  // too high is not within it either: a twentieth above the last one, and a little more
  [[0.8, 0.8, 0.8401, 0.8399, 0.8], 80],
  [[0.81, 0.8, 0.79, 0.78, 0.8], 20],
  [[0.1, 0.2, 0.3, 0.4, 0.8], 100]
])('agreement has settled when it stays as it is at the end: of %j from minute %i on', (agreements, minute) => {
  expect(conclude({ checks: CHECKS.map((check, index) => ({ ...check, agreement: agreements[index] })) }).finding).toContain(`within 5% of that from minute ${minute} on`)
})

test('has each figure in its tables', () => {
  expect(conclude().tables).toEqual([
    {
      title: 'Scores of independent nodes, compared with each other and with the truth',
      headings: ['minute', 'agreement', 'rank correlation', 'held good and alive', 'held poor and not alive'],
      rows: [
        ['20', 'unknown', '', '50%', '25%'],
        ['40', '75%', '0.38', '60%', '70%'],
        ['60', '76%', '0.50', '70%', '80%'],
        ['80', '76%', '0.63', '80%', '85%'],
        ['100', '80%', '0.55', '91%', '87%']
      ]
    },
    {
      title: 'How many of the known peers are taken for what they are, by the time since their state changed',
      headings: ['changed within', 'gone, and held poor', 'back, and not held poor'],
      rows: [['1 min', '10%', 'unknown'], ['15 min', '31%', '42%'], ['120 min', '83%', '94%']]
    },
    {
      title: 'Whom the load falls on',
      headings: ['arm', 'Gini coefficient of the requests', 'requests per lookup'],
      rows: [['kad-dht', '0.771', '120.0'], ['scored', '0.378', '30.0']]
    }
  ])
})

test('plots agreement and truth over the run, and the median by what a client has learned', () => {
  const { figures } = conclude()

  expect(figures.map(({ title }) => title)).toEqual(['Agreement of independent nodes, and with the truth', 'What a client gains by what it has learned'])
  expect(pointsOf(figures[0]).slice(0, 5)).toEqual([
    // nobody knew enough of the other's peers at first
    { minute: 20, share: 0.5, what: 'held good and alive' },
    { minute: 20, share: 0.25, what: 'held poor and not alive' },
    { minute: 40, share: 0.75, what: 'agreement of two nodes' },
    { minute: 40, share: 0.6, what: 'held good and alive' },
    { minute: 40, share: 0.7, what: 'held poor and not alive' }
  ])
  expect(pointsOf(figures[1])).toEqual([{ lookups: 10, p50: 1020 }, { lookups: 30, p50: 460 }])
})

test('says what it cannot tell', () => {
  const few = conclude({ checks: CHECKS.slice(0, 1), noticed: NOTICED.slice(0, 1), samples: SAMPLES.slice(0, 20 * CLIENTS) }).finding

  expect(few).toContain('agree for unknown of such peers (rank correlation of all scores unknown), within 5% of that from minute 20 on')
  expect(few).toContain('5 to 15 minutes ago unknown are held poor')
  expect(few).not.toContain('The median lookup')
  expect(conclude({ checks: [] }).finding).toMatch(/^The run was too short to tell\. Of the known peers/)
})

test('simulates what the command line says', () => {
  const base = optionsOf('--seed', '7')

  expect(CONVERGENCE.settings(base)).toEqual([{ label: 'as asked', options: base }])
})
