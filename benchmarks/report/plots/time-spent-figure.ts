import { mean } from 'simple-statistics'
import { subjectOf } from '../subject-of.ts'
import { armScale } from './arm-scale.ts'
import type { SampleGroup } from '../group-samples.ts'
import type { Figure } from './figure.ts'

const KINDS = [
  { kind: 'dialling', colour: '#c8c8c8' },
  { kind: 'waiting', colour: '#858585' },
  { kind: 'wasted', colour: '#882255' }
] as const

/**
 * The mean time of all requests of an operation together, for each arm. Requests in
 * flight at the same time are added up, so this is longer than the operation.
 *
 * @param groups - Groups of one scenario and operation
 */
export function timeSpentFigure (groups: SampleGroup[]): Figure {
  return {
    title: titleOf(groups),
    caption: 'Requests in flight at the same time add up. Dialling: until a connection stood; waiting: for an answer that came; wasted: dialling and waiting for peers that did not answer.',
    plot: {
      width: 300,
      height: { step: 24 },
      data: {
        values: groups.flatMap(group => KINDS.map(({ kind }, order) => ({
          arm: group[0].arm,
          kind,
          order,
          seconds: mean(group.map(({ spentMs }) => spentMs[kind])) / 1000
        })))
      },
      mark: { type: 'bar', height: 15 },
      encoding: {
        y: { field: 'arm', type: 'nominal', sort: armScale(groups.map(([{ arm }]) => arm)).domain, axis: { title: null, ticks: false, domain: false } },
        x: { field: 'seconds', type: 'quantitative', stack: 'zero', axis: { title: 'request-seconds per operation, mean', tickCount: 5 } },
        color: {
          field: 'kind',
          type: 'nominal',
          scale: { domain: KINDS.map(({ kind }) => kind), range: KINDS.map(({ colour }) => colour) },
          legend: { title: null, orient: 'top' }
        },
        order: { field: 'order', type: 'quantitative' }
      }
    }
  }
}

function titleOf (groups: SampleGroup[]): string {
  const subject = subjectOf(groups.map(([{ arm }]) => arm))
  const figures = groups
    .filter(([{ arm }]) => arm === subject || arm === 'kad-dht')
    .map(group => `${group[0].arm} ${wastedSeconds(group).toFixed(1)}`)

  return `Request-seconds wasted on peers that do not answer: ${figures.reverse().join(', ')}`
}

function wastedSeconds (group: SampleGroup): number {
  return mean(group.map(({ spentMs }) => spentMs.wasted)) / 1000
}
