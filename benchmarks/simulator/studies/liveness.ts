import { SESSION_LAWS } from '../world/session-laws/session-law.ts'
import type { Figure } from '../../report/plots/figure.ts'
import type { PresenceCheck } from '../measures/presence-probe.ts'
import type { Study, StudyOutcome, StudyTable } from './study.ts'

const HOUR_MS = 3_600_000
const CHURN = { share: 0.6, everyMs: 3 * HOUR_MS }

/** A tenth with fewer peers tells nothing */
const MIN_PEERS = 100

/** A chance is true when it is off by no more than this */
const CALIBRATED_WITHIN = 0.07

/** What a setting has shown at its end */
interface Ending {
  label: string
  check: PresenceCheck
  /** By how much the worst tenth with enough peers is off, 0 to 1, over all checks */
  worst: number
}

/**
 * Is the chance that a node gives to each peer true, and are those whom it names there?
 */
export const LIVENESS: Study = {
  name: 'liveness',
  question: 'Is the chance that a node gives to each peer that it remembers true, whatever the sessions are like, and are those whom it names there?',
  defaults: { lookups: 4000, clients: 20, hours: 4, arms: ['scored', 'scored-warm'] },
  settings: base => [
    ...SESSION_LAWS.map(sessions => ({ label: `${base.conditions}, ${sessions} sessions`, options: { ...base, sessions } })),
    { label: `${base.conditions}, 60% toggle every 3 h`, options: { ...base, churn: CHURN } }
  ],

  conclude (outcomes) {
    const endings = outcomes.flatMap(endingsOf)
    const percent = (share: number): string => `${(100 * share).toFixed(0)}%`

    return {
      finding: endings.map(({ label, check, worst }) =>
        `${label}: the squared error of the chances is ${percent(1 - check.brier / check.baseBrier)} below that of the base rate at the end; the worst tenth is off by ${worst.toFixed(2)} over the run${worst > CALIBRATED_WITHIN ? ` (more than ${CALIBRATED_WITHIN})` : ''}; ${percent(check.namedAreAlive)} of those named are there.`).join(' '),
      tables: outcomes.flatMap(outcome => [hoursTable(outcome, percent), decilesTable(outcome)]),
      figures: outcomes.map(calibrationFigure),
      failed: false
    }
  }
}

function checksOf ({ measures }: StudyOutcome): PresenceCheck[] {
  return measures.presence as PresenceCheck[]
}

function endingsOf (outcome: StudyOutcome): Ending[] {
  return [...Map.groupBy(checksOf(outcome), ({ arm }) => arm)].map(([arm, checks]) => ({
    label: `${outcome.label}, ${arm}`,
    check: checks[checks.length - 1],
    worst: Math.max(0, ...checks.flatMap(({ deciles }) => deciles.filter(({ peers }) => peers >= MIN_PEERS).map(({ chance, alive }) => Math.abs(chance - alive))))
  }))
}

function hoursTable (outcome: StudyOutcome, percent: (share: number) => string): StudyTable {
  return {
    title: `${outcome.label}: the chances, and those named, at each moment`,
    headings: ['arm', 'minute', 'peers', 'squared error', 'of the base rate', 'named and there', 'there, known and named'],
    rows: checksOf(outcome).map(({ arm, atMs, peers, brier, baseBrier, namedAreAlive, livingAreNamed }) => [
      arm, (atMs / 60_000).toFixed(0), String(peers), brier.toFixed(3), baseBrier.toFixed(3), percent(namedAreAlive), percent(livingAreNamed)
    ])
  }
}

function decilesTable (outcome: StudyOutcome): StudyTable {
  const cell = ({ peers, chance, alive }: PresenceCheck['deciles'][number]): string => peers < MIN_PEERS ? '' : `${chance.toFixed(2)}: ${alive.toFixed(2)}`

  return {
    title: `${outcome.label}: of the peers in each tenth of the chance, the mean chance and the share that is there`,
    headings: ['arm', 'minute', ...Array.from({ length: 10 }, (_, tenth) => `${(tenth / 10).toFixed(1)} to ${((tenth + 1) / 10).toFixed(1)}`)],
    rows: checksOf(outcome).map(({ arm, atMs, deciles }) => [arm, (atMs / 60_000).toFixed(0), ...deciles.map(cell)])
  }
}

function calibrationFigure (outcome: StudyOutcome): Figure {
  return {
    title: outcome.label,
    caption: 'Of the peers in each tenth of the chance, the share that is there, at all moments. On the line the chance is true.',
    plot: {
      width: 460,
      height: 300,
      data: {
        values: checksOf(outcome).flatMap(({ arm, deciles }) => deciles.filter(({ peers }) => peers >= MIN_PEERS).map(({ chance, alive, peers }) => ({ chance, alive, peers, arm })))
      },
      layer: [
        { data: { values: [{ x: 0 }, { x: 1 }] }, mark: { type: 'line', color: '#999999' }, encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'x', type: 'quantitative' } } },
        {
          mark: { type: 'point', filled: true, opacity: 0.6 },
          encoding: {
            x: { field: 'chance', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'chance' } },
            y: { field: 'alive', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'share that is there', format: '%' } },
            size: { field: 'peers', type: 'quantitative', legend: null },
            color: { field: 'arm', type: 'nominal', scale: { range: ['#0072b2', '#d55e00'] }, legend: { title: null, orient: 'top' } }
          }
        }
      ]
    }
  }
}
