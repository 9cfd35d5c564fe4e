import { advantages, armTable } from './arm-results.ts'
import { armFigure } from './arm-figure.ts'
import type { Study, StudyFindings, StudyOutcome } from './study.ts'
import type { Arm, Operation } from '../../report/results.ts'
import type { SimulationOptions } from '../simulation-options.ts'

export interface SweepInit {
  name: string
  question: string
  defaults: Partial<SimulationOptions>
  xTitle: string
  xScale?: 'linear' | 'log'
  settings: Array<{ label: string, x: number, change: Partial<SimulationOptions> }>
  /** Arms that the finding compares `scored` with @default the rivals that took part */
  rivals?: readonly Arm[]
  /** Settings that the finding mentions @default all */
  named?: readonly string[]
}

const RIVALS: readonly Arm[] = ['kad-dht', 'go-kad-dht', 'full-table', 'kadabra']

/**
 * A study that changes one thing. Its finding says how much faster `scored` is than each
 * rival in each setting.
 */
export function sweep ({ name, question, defaults, xTitle, xScale, settings, rivals = RIVALS, named }: SweepInit): Study {
  return {
    name,
    question,
    defaults,
    settings: base => settings.map(({ label, change }) => ({ label, options: { ...base, ...change } })),

    conclude (outcomes): StudyFindings {
      const operations = outcomes[0]?.options.operations ?? []
      const xOf = ({ label }: StudyOutcome): number => settings.find(setting => setting.label === label)?.x ?? NaN
      const figure = (operation: Operation, of: 'p50' | 'p99'): ReturnType<typeof armFigure> => armFigure({
        title: `${operation}, ${of === 'p50' ? 'median' : '99th percentile'}`,
        caption: 'Lower is faster. Both axes start where the data do when they are logarithmic.',
        points: outcomes.flatMap(outcome => outcome.results
          .filter(result => result.operation === operation)
          .map(({ arm, timeMs }) => ({ arm, x: xOf(outcome), y: timeMs[of] / 1000 }))),
        xTitle,
        yTitle: 'time of one operation, s',
        xScale,
        yScale: 'log'
      })

      return {
        finding: outcomes
          .filter(({ label }) => named === undefined || named.includes(label))
          .flatMap(outcome => operations.map(operation => `${outcome.label}, ${operation}: ${advantages(outcome, operation, rivals)}.`))
          .join(' '),
        tables: [armTable(`${question} Times, recall and traffic`, outcomes)],
        figures: operations.flatMap(operation => [
          figure(operation, 'p50'),
          figure(operation, 'p99'),
          ...recallFigure(operation, outcomes, xOf, xTitle, xScale)
        ]),
        failed: false
      }
    }
  }
}

function recallFigure (operation: Operation, outcomes: StudyOutcome[], xOf: (outcome: StudyOutcome) => number, xTitle: string, xScale: SweepInit['xScale']): Array<ReturnType<typeof armFigure>> {
  const points = outcomes.flatMap(outcome => outcome.results.flatMap(({ arm, operation: own, recall }) =>
    own === operation && recall !== undefined ? [{ arm, x: xOf(outcome), y: recall.mean }] : []))

  return points.length === 0
    ? []
    : [armFigure({
        title: `${operation}, recall`,
        caption: 'Mean share of the k closest peers that were alive throughout. 1 is perfect.',
        points,
        xTitle,
        yTitle: 'recall',
        xScale
      })]
}
