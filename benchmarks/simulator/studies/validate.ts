import { quantile } from 'simple-statistics'
import { PUBLISHED } from './published.ts'
import { provideFigure } from './provide-figure.ts'
import type { MeasuredTables } from '../tables/measure-tables.ts'
import type { Study, StudyOutcome } from './study.ts'
import type { Operation } from '../../report/results.ts'
import type { SimulationOptions } from '../simulation-options.ts'

/** Servers of the Amino DHT in April 2022 (rfm19) */
const NODES_2022 = 15_400

/** Servers of the Amino DHT in 2025. Crawls see about 10,000, some of which cannot be reached. */
const NODES_2025 = 10_000

/*
 * Calibrated with the 5th percentile of rfm17. Its host dialled the same dead peers so
 * often that many dials failed at once, because of the dial backoff. How long its 10,000
 * provides took was not published.
 */
const PROVIDES_PER_HOUR_2022 = 16_000

/** Each minute, Parsec's scheduler lets one host provide a record, and six hosts look for it */
const OPERATIONS_PER_HOUR_2025 = 7 * 60

/** The run of 2025 has one lookup for this many of 2022, because its lookups are spread over hours */
const LOOKUPS_PER_LOOKUP_2025 = 10

/** How far a value may differ from the published one, as a share of it */
const TOLERANCE = 0.2

/** The values of k that rfm17 tried besides 20 */
const OTHER_K = [15, 25, 40] as const

interface Check {
  what: string
  published: number
  simulated: number
  unit: string
  /** `calibrated`: a parameter of the world was chosen with this measurement. `predicted`: no parameter was. */
  how: 'calibrated' | 'predicted'
  holds: boolean
}

/**
 * Does the model give the values that others have measured?
 */
export const VALIDATE: Study = {
  name: 'validate',
  question: 'Does the model come to what others have measured of the Amino DHT?',
  // the conditions were calibrated with a warm-up of this length
  defaults: { lookups: 10_000, arms: ['go-kad-dht'], warmupHours: 7 },
  settings: base => {
    const then: SimulationOptions = {
      ...base,
      conditions: 'amino-2022',
      nodes: NODES_2022,
      instrument: 'cid-hoarder',
      clients: 1,
      operations: ['provide'],
      hours: base.lookups / PROVIDES_PER_HOUR_2022
    }
    const lookups = Math.ceil(base.lookups / LOOKUPS_PER_LOOKUP_2025)

    return [
      { label: 'July 2022', options: then },
      {
        label: 'February 2025',
        options: {
          ...base,
          conditions: 'amino-2025',
          nodes: NODES_2025,
          instrument: 'parsec',
          clients: 7,
          operations: ['find-providers', 'provide'],
          lookups,
          hours: 2 * lookups / OPERATIONS_PER_HOUR_2025
        }
      },
      ...OTHER_K.map(k => ({ label: labelOf(k), options: { ...then, clientK: k } }))
    ]
  },

  conclude (outcomes) {
    const then = outcomes.find(({ label }) => label === 'July 2022')
    const now = outcomes.find(({ label }) => label === 'February 2025')
    const others = OTHER_K.map(k => checksOfK(k, outcomes.find(({ label }) => label === labelOf(k))))
    const checks = [...(then === undefined ? [] : checks2022(then)), ...others.flat(), ...(now === undefined ? [] : checks2025(now))]
    const missed = checks.filter(({ holds }) => !holds)
    const count = (how: Check['how']): string => {
      const those = checks.filter(check => check.how === how)

      return `${those.filter(({ holds }) => holds).length} of ${those.length} figures that it was ${how === 'calibrated' ? 'calibrated by' : 'only asked for'}`
    }

    return {
      finding: `The model comes to ${count('calibrated')} and to ${count('predicted')}${missed.length === 0 ? '' : `; it misses ${missed.map(({ what, simulated, published, unit }) => `${what} (${format(simulated, unit)} against ${format(published, unit)})`).join(', ')}`}. A time or a share holds within ${100 * TOLERANCE}%, a whole number within one.`,
      tables: [{
        title: 'Measured and simulated',
        headings: ['figure', 'how', 'holds', 'published', 'simulated'],
        rows: checks.map(({ what, how, holds, published, simulated, unit }) => [what, how, holds ? 'yes' : 'no', format(published, unit), format(simulated, unit)])
      }],
      figures: [
        ...(then === undefined ? [] : [provideFigure('Provide, July 2022', timesOf(then, 'provide'), PUBLISHED.provideS)]),
        ...(now === undefined
          ? []
          : [
              provideFigure('Finding a provider, February 2025 (predicted)', timesOf(now, 'find-providers'), PUBLISHED.lookup2025S),
              provideFigure('Provide, February 2025 (predicted)', timesOf(now, 'provide'), PUBLISHED.provide2025S)
            ])
      ],
      failed: missed.some(({ how }) => how === 'calibrated')
    }
  }
}

function checks2022 (outcome: StudyOutcome): Check[] {
  const provides = outcome.samples.filter(({ operation }) => operation === 'provide')
  const hops = outcome.samples.flatMap(({ hops }) => hops ?? [])
  const holders = provides.flatMap(({ found }) => found ?? [])
  const tables = outcome.measures.tables as MeasuredTables

  return [
    ...times('provide 2022', timesOf(outcome, 'provide'), PUBLISHED.provideS, 'calibrated'),
    ...wholes('hops 2022', hops, PUBLISHED.hops, 'predicted'),
    // the share of unreachable servers was also chosen with these measurements in mind
    ...wholes('reachable holders 2022', holders, PUBLISHED.holders, 'calibrated'),
    deadShare('full', tables.deadInFull),
    deadShare('sparse', tables.deadInSparse)
  ]
}

function checks2025 (outcome: StudyOutcome): Check[] {
  return [
    ...times('find a provider 2025', timesOf(outcome, 'find-providers'), PUBLISHED.lookup2025S, 'predicted'),
    ...times('provide 2025', timesOf(outcome, 'provide'), PUBLISHED.provide2025S, 'predicted')
  ]
}

function labelOf (k: number): string {
  return `July 2022, k = ${k}`
}

function checksOfK (k: typeof OTHER_K[number], outcome: StudyOutcome | undefined): Check[] {
  return outcome === undefined ? [] : times(`provide 2022 with k = ${k}`, timesOf(outcome, 'provide'), PUBLISHED.provideOtherK[k], 'predicted')
}

function times (what: string, measuredS: readonly number[], published: Readonly<Record<string, number>>, how: Check['how']): Check[] {
  return quantiles(measuredS, published).map(({ name, simulated, published }) => ({
    what: `${what}, ${name}`, published, simulated, unit: 's', how, holds: Math.abs(simulated - published) <= TOLERANCE * published
  }))
}

function wholes (what: string, counts: readonly number[], published: Readonly<Record<string, number>>, how: Check['how']): Check[] {
  return quantiles(counts, published).map(({ name, simulated, published }) => ({
    what: `${what}, ${name}`, published, simulated, unit: '', how, holds: Math.abs(simulated - published) <= 1
  }))
}

/** The shares of stable and of unreachable servers were chosen with these two measurements */
function deadShare (buckets: 'full' | 'sparse', simulated: number): Check {
  const published = PUBLISHED.deadShare[buckets]

  return { what: `dead entries in ${buckets} buckets`, published, simulated, unit: '%', how: 'calibrated', holds: Math.abs(simulated - published) <= TOLERANCE * published }
}

function quantiles (values: readonly number[], published: Readonly<Record<string, number>>): Array<{ name: string, simulated: number, published: number }> {
  return Object.entries(published).map(([name, published]) => ({
    name,
    published,
    simulated: values.length === 0 ? NaN : quantile([...values], Number(name.slice(1)) / 100)
  }))
}

function timesOf ({ samples }: StudyOutcome, operation: Operation): number[] {
  return samples.filter(sample => sample.operation === operation).map(({ timeMs }) => timeMs / 1000)
}

function format (value: number, unit: string): string {
  switch (unit) {
    case '%':
      return `${(100 * value).toFixed(1)}%`
    case 's':
      return `${value.toFixed(2)} s`
    default:
      return value.toFixed(0)
  }
}
