import { formatRatio } from '../format-ratio.ts'
import { subjectOf } from '../subject-of.ts'
import { armScale } from './arm-scale.ts'
import type { SampleGroup } from '../group-samples.ts'
import type { Arm, Versus } from '../results.ts'
import type { Figure } from './figure.ts'

/** A shorter time is drawn at this one: a log axis has no place for 0, and no clock here is finer */
const MIN_MS = 1

interface Point {
  arm: Arm
  seconds: number
  share: number
}

/**
 * The share of an operation's runs that had succeeded after a given time, as one step
 * curve for each arm. When a curve ends below 100%, the rest of the runs failed.
 *
 * @param groups - Groups of one scenario and operation
 * @param timeoutMs - The time limit of one operation, ms
 * @param comparisons - Comparisons of the same scenario and operation
 */
export function timeDistributionFigure (groups: SampleGroup[], timeoutMs: number, comparisons: readonly Versus[]): Figure {
  const colour = armScale(groups.map(([{ arm }]) => arm))
  const legend = { title: null, orient: 'top', columns: 3 } as const
  const points = groups.flatMap(group => stepsOf(group, timeoutMs))
  const fastest = Math.min(...points.map(({ seconds }) => seconds))

  return {
    title: titleOf(groups, comparisons),
    caption: 'Each curve rises by one step whenever an operation ends well. Further left is faster; the median is where a curve crosses 50%; a curve that ends below 100% failed for the rest.',
    plot: {
      width: 560,
      height: 380,
      layer: [
        {
          data: { values: [{ seconds: timeoutMs / 1000 }] },
          layer: [
            { mark: { type: 'rule', stroke: '#888', strokeDash: [4, 4] } },
            { mark: { type: 'text', text: 'time limit', align: 'right', y: -8, fontSize: 12, fill: '#595959' } }
          ],
          encoding: { x: { field: 'seconds', type: 'quantitative' } }
        },
        {
          data: { values: points },
          mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2.5 },
          encoding: {
            x: {
              field: 'seconds',
              type: 'quantitative',
              scale: { type: 'log', domain: [fastest * 0.8, timeoutMs / 1000 * 1.05], nice: false },
              axis: { title: 'time of one operation, seconds (logarithmic)', values: decimalTicks(fastest, timeoutMs / 1000), format: '~g' }
            },
            y: {
              field: 'share',
              type: 'quantitative',
              scale: { domain: [0, 1] },
              axis: { title: 'share of operations done', format: '%' }
            },
            color: { field: 'arm', type: 'nominal', scale: colour, legend },
            strokeDash: { field: 'arm', type: 'nominal', scale: { domain: colour.domain, range: colour.domain.map(arm => arm.startsWith('oracle') ? [6, 3] : [1, 0]) }, legend },
            order: { field: 'share', type: 'quantitative' }
          }
        }
      ]
    }
  }
}

function titleOf (groups: SampleGroup[], comparisons: readonly Versus[]): string {
  const subject = subjectOf(groups.map(([{ arm }]) => arm))
  const comparison = comparisons.find(({ arm, baseline }) => arm === subject && baseline === 'kad-dht')

  if (comparison === undefined) {
    return 'How long one operation takes'
  }

  const { ratioP50, ci95: [low, high] } = comparison
  const interval = `95% CI ${formatRatio(low)} to ${formatRatio(high)}`

  if (low <= 1 && high >= 1) {
    return `No clear difference at the median between ${subject} and kad-dht (ratio ${formatRatio(ratioP50)}, ${interval})`
  }

  return `At the median, kad-dht takes ${formatRatio(ratioP50)} times as long as ${subject} (${interval})`
}

function stepsOf (group: SampleGroup, timeoutMs: number): Point[] {
  const { arm } = group[0]
  const times = group.filter(sample => !sample.failed).map(sample => sample.timeMs).sort((a, b) => a - b)
  const start = { arm, seconds: Math.max(times[0] ?? timeoutMs, MIN_MS) / 1000, share: 0 }
  const steps = times.map((timeMs, i) => ({ arm, seconds: Math.max(timeMs, MIN_MS) / 1000, share: (i + 1) / group.length }))

  // when nothing failed, a line along the top would only hide the other arms
  const plateau = times.length < group.length ? [{ arm, seconds: timeoutMs / 1000, share: times.length / group.length }] : []

  return [start, ...steps, ...plateau]
}

function decimalTicks (from: number, to: number): number[] {
  const ticks: number[] = []

  for (let exponent = Math.floor(Math.log10(from)); exponent <= Math.log10(to); exponent++) {
    ticks.push(...[1, 2, 5].map(digit => Number(`${digit}e${exponent}`)))
  }

  return ticks
}
