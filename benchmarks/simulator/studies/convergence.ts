import { resultOf } from './arm-results.ts'
import type { Figure } from '../../report/plots/figure.ts'
import type { ConvergenceCheck, NoticedShare } from '../measures/convergence-probe.ts'
import type { Study, StudyOutcome, StudyTable } from './study.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Number of lookups of one client that make one point of the learning curve */
const STAGE = 20

/** Agreement has settled when it differs from the last value by at most this share of it */
const SETTLED_WITHIN = 0.05

/**
 * Do independent nodes give the same scores to the same peers? How soon is a change
 * noticed? Which nodes bear the load?
 */
export const CONVERGENCE: Study = {
  name: 'convergence',
  question: 'Do independent nodes come to agree on the same peers, how soon do they notice a change, and does the load concentrate?',
  defaults: { lookups: 4000, clients: 20, hours: 4, arms: ['kad-dht', 'go-kad-dht', 'scored', 'oracle'], churn: { share: 0.6, everyMs: 3 * HOUR_MS } },
  settings: base => [{ label: 'as asked', options: base }],

  conclude ([outcome]) {
    const checks = outcome.measures.convergence as ConvergenceCheck[]
    const noticed = outcome.measures.noticed as NoticedShare[]
    const load = outcome.measures.load as Record<string, number>
    const last = checks.at(-1)
    const settled = settledFrom(checks)
    const stages = learningCurve(outcome)
    const share = (value: number | undefined): string => value === undefined ? 'unknown' : `${(100 * value).toFixed(0)}%`
    const noticedWithin = (minutes: number): NoticedShare | undefined => noticed.find(({ withinMs }) => withinMs === minutes * MINUTE_MS)

    return {
      finding: [
        last === undefined
          ? 'The run was too short to tell.'
          : `Two nodes that know the same peer and hold it good or poor agree for ${share(last.agreement)} of such peers (rank correlation of all scores ${last.rankCorrelation?.toFixed(2) ?? 'unknown'}), within ${100 * SETTLED_WITHIN}% of that from minute ${((settled ?? last).atMs / MINUTE_MS).toFixed(0)} on; ${share(last.goodAreAlive)} of those held good are alive and ${share(last.poorAreDead)} of those held poor are not.`,
        `Of the known peers that went away 5 to 15 minutes ago ${share(noticedWithin(15)?.gone)} are held poor, of those gone for one to two hours ${share(noticedWithin(120)?.gone)}; of those back for 5 to 15 minutes ${share(noticedWithin(15)?.back)} are no longer held poor, after one to two hours ${share(noticedWithin(120)?.back)}.`,
        `The requests of ${Object.entries(load).map(([arm, gini]) => `${arm} have a Gini coefficient of ${gini.toFixed(2)} over all nodes`).join(', those of ')}.`,
        stages.length < 2 ? '' : `The median lookup of scored takes ${stages[0].p50.toFixed(0)} ms in a client's first ${STAGE} and ${stages.at(-1)?.p50.toFixed(0)} ms in its last ${STAGE}.`
      ].join(' '),
      tables: [checkTable(checks, share), noticedTable(noticed, share), loadTable(outcome, load)],
      figures: [agreementFigure(checks), learningFigure(stages)],
      failed: false
    }
  }
}

/** The checkpoint from which on all agreements are close to the last one. Undefined when the last agreement is unknown. */
function settledFrom (checks: ConvergenceCheck[]): ConvergenceCheck | undefined {
  const end = checks.at(-1)?.agreement ?? NaN
  // an unknown agreement has not settled, because a comparison with NaN is false
  const hasSettled = ({ agreement = NaN }: ConvergenceCheck): boolean => Math.abs(agreement - end) <= SETTLED_WITHIN * end

  return checks[checks.findLastIndex(check => !hasSettled(check)) + 1]
}

function checkTable (checks: ConvergenceCheck[], share: (value: number | undefined) => string): StudyTable {
  return {
    title: 'Scores of independent nodes, compared with each other and with the truth',
    headings: ['minute', 'agreement', 'rank correlation', 'held good and alive', 'held poor and not alive'],
    rows: checks.map(({ atMs, agreement, rankCorrelation, goodAreAlive, poorAreDead }) => [
      (atMs / MINUTE_MS).toFixed(0), share(agreement), rankCorrelation?.toFixed(2) ?? '', share(goodAreAlive), share(poorAreDead)
    ])
  }
}

function noticedTable (noticed: NoticedShare[], share: (value: number | undefined) => string): StudyTable {
  return {
    title: 'How many of the known peers are taken for what they are, by the time since their state changed',
    headings: ['changed within', 'gone, and held poor', 'back, and not held poor'],
    rows: noticed.map(({ withinMs, gone, back }) => [`${withinMs / MINUTE_MS} min`, share(gone), share(back)])
  }
}

function loadTable (outcome: StudyOutcome, load: Record<string, number>): StudyTable {
  return {
    title: 'Whom the load falls on',
    headings: ['arm', 'Gini coefficient of the requests', 'requests per lookup'],
    rows: Object.entries(load).map(([arm, gini]) => [
      arm, gini.toFixed(3), resultOf(outcome, arm as StudyOutcome['results'][number]['arm'], 'closest-peers')?.queries.mean.toFixed(1) ?? ''
    ])
  }
}

/** Median time of `scored`, by the number of lookups that its client had done before */
function learningCurve ({ samples, options }: StudyOutcome): Array<{ lookups: number, p50: number }> {
  const stages = Map.groupBy(samples.filter(({ arm }) => arm === 'scored'), ({ index }) => Math.floor(index / options.clients / STAGE))

  return [...stages]
    .sort(([a], [b]) => a - b)
    .map(([stage, group]) => ({
      lookups: (stage + 0.5) * STAGE,
      p50: group.map(({ timeMs }) => timeMs).sort((a, b) => a - b)[Math.floor(group.length / 2)] ?? NaN
    }))
}

function agreementFigure (checks: ConvergenceCheck[]): Figure {
  return {
    title: 'Agreement of independent nodes, and with the truth',
    caption: 'Agreement: of the peers that two nodes both hold good or poor, the share that both hold alike.',
    plot: {
      width: 460,
      height: 300,
      data: {
        values: checks.flatMap(({ atMs, agreement, goodAreAlive, poorAreDead }) => [
          { minute: atMs / MINUTE_MS, share: agreement, what: 'agreement of two nodes' },
          { minute: atMs / MINUTE_MS, share: goodAreAlive, what: 'held good and alive' },
          { minute: atMs / MINUTE_MS, share: poorAreDead, what: 'held poor and not alive' }
        ].filter(({ share }) => share !== undefined))
      },
      mark: { type: 'line', point: true, strokeWidth: 2.5 },
      encoding: {
        x: { field: 'minute', type: 'quantitative', axis: { title: 'minute of the run' } },
        y: { field: 'share', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'share of the peers', format: '%' } },
        color: { field: 'what', type: 'nominal', scale: { range: ['#0072b2', '#009e73', '#d55e00'] }, legend: { title: null, orient: 'top', columns: 2 } }
      }
    }
  }
}

function learningFigure (stages: Array<{ lookups: number, p50: number }>): Figure {
  return {
    title: 'What a client gains by what it has learned',
    caption: `Median time of scored by the number of lookups that its client had done, in stages of ${STAGE}.`,
    plot: {
      width: 460,
      height: 300,
      data: { values: stages },
      mark: { type: 'line', point: true, strokeWidth: 2.5, color: '#0072b2' },
      encoding: {
        x: { field: 'lookups', type: 'quantitative', axis: { title: 'lookups that the client had done' } },
        y: { field: 'p50', type: 'quantitative', axis: { title: 'median time, ms' } }
      }
    }
  }
}
