import { mean } from 'simple-statistics'
import { subjectOf } from '../subject-of.ts'
import { armScale } from './arm-scale.ts'
import type { SampleGroup } from '../group-samples.ts'
import type { Arm } from '../results.ts'
import type { Figure } from './figure.ts'

/**
 * The recall of each operation as a tick, and the mean of each arm as a labelled dot
 *
 * @param groups - Groups of one scenario and operation, each with at least one known recall
 */
export function recallFigure (groups: SampleGroup[]): Figure {
  const colour = armScale(groups.map(([{ arm }]) => arm))

  return {
    title: titleOf(groups),
    caption: 'A thin tick is one operation, the dot and the figure are the mean: how many of the peers that it should have found it did find.',
    plot: {
      width: 300,
      height: { step: 24 },
      data: {
        values: groups.flatMap(group => group.flatMap(({ arm, recall }) => recall === undefined ? [] : [{ arm, recall }]))
      },
      encoding: {
        y: { field: 'arm', type: 'nominal', sort: colour.domain, axis: { title: null, ticks: false, domain: false } },
        color: { field: 'arm', type: 'nominal', scale: colour, legend: null }
      },
      layer: [
        {
          mark: { type: 'tick', thickness: 1.5, size: 14, opacity: 0.45 },
          encoding: {
            x: {
              field: 'recall',
              type: 'quantitative',
              scale: { domain: [0, 1] },
              axis: { title: 'recall of one operation', format: '%', tickCount: 5 }
            }
          }
        },
        {
          mark: { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'white', strokeWidth: 1 },
          encoding: { x: { aggregate: 'mean', field: 'recall', type: 'quantitative' } }
        },
        {
          transform: [{ aggregate: [{ op: 'mean', field: 'recall', as: 'mean' }], groupby: ['arm'] }],
          mark: { type: 'text', align: 'left', fontSize: 12, fill: '#222', x: 308 },
          encoding: { text: { field: 'mean', format: '.1%' }, color: { value: '#222' } }
        }
      ]
    }
  }
}

function titleOf (groups: SampleGroup[]): string {
  const percent = new Map<Arm, string>(groups.map(group => [
    group[0].arm,
    `${(100 * mean(group.flatMap(({ recall }) => recall ?? []))).toFixed(1)}%`
  ]))
  const subject = subjectOf(percent.keys())

  if (subject === undefined) {
    return 'Recall'
  }

  const baseline = subject === 'kad-dht' ? undefined : percent.get('kad-dht')

  return `Recall: ${subject} ${percent.get(subject)}${baseline === undefined ? '' : `, kad-dht ${baseline}`}`
}
