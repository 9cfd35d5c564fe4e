import type { ScoreSnapshot } from '../results.ts'
import type { Figure } from './figure.ts'

/** No arm has one of these colours. The line of dead peers is also dashed. */
const STATES = { domain: ['alive', 'dead'], range: ['#009e73', '#882255'] }

/**
 * The scores that an arm held of live and of dead peers during a run: the median, and a
 * band for the middle half
 *
 * @param snapshots - Snapshots of one scenario and arm
 */
export function scoreHistoryFigure (snapshots: readonly [ScoreSnapshot, ...ScoreSnapshot[]]): Figure {
  const legend = { title: null, orient: 'top', symbolType: 'stroke', symbolOpacity: 1 } as const

  return {
    title: titleOf(snapshots),
    caption: 'Line: median score; band: the middle half of the peers. The further the two lie apart, the better the arm tells whom to ask.',
    plot: {
      width: 430,
      height: 240,
      data: {
        values: snapshots.flatMap(({ index, alive, dead }) => [
          { index, state: 'alive', ...alive },
          { index, state: 'dead', ...dead }
        ].filter(({ count }) => count > 0))
      },
      encoding: {
        x: { field: 'index', type: 'quantitative', axis: { title: 'operations carried out', tickMinStep: 1, format: 'd' } },
        color: { field: 'state', type: 'nominal', scale: STATES, legend }
      },
      layer: [
        {
          data: { values: [{ neutral: 0.5 }] },
          mark: { type: 'rule', stroke: '#888', strokeDash: [2, 3] },
          encoding: { y: { field: 'neutral', type: 'quantitative' }, x: { value: 0 }, x2: { value: 'width' }, color: { value: '#888' } }
        },
        {
          mark: { type: 'area', opacity: 0.2 },
          encoding: {
            y: { field: 'p25', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'score (0.5 is neutral)' } },
            y2: { field: 'p75' }
          }
        },
        {
          mark: { type: 'line', strokeWidth: 2.5, point: snapshots.length === 1 },
          encoding: {
            y: { field: 'p50', type: 'quantitative' },
            strokeDash: { field: 'state', type: 'nominal', scale: { domain: STATES.domain, range: [[1, 0], [6, 3]] }, legend }
          }
        }
      ]
    }
  }
}

function titleOf (snapshots: readonly [ScoreSnapshot, ...ScoreSnapshot[]]): string {
  const { arm, alive, dead } = snapshots.at(-1) ?? snapshots[0]

  if (alive.count === 0 || dead.count === 0) {
    return `${arm}: scores of the peers that it knows`
  }

  return `${arm}: in the end it gives the living a median score of ${alive.p50.toFixed(2)}, the dead ${dead.p50.toFixed(2)}`
}
