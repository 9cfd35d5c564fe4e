import { armScale } from '../../report/plots/arm-scale.ts'
import type { Figure } from '../../report/plots/figure.ts'
import type { Arm } from '../../report/results.ts'

export interface ArmFigureInit {
  title: string
  caption: string
  points: Array<{ arm: Arm, x: number, y: number }>
  xTitle: string
  yTitle: string
  xScale?: 'linear' | 'log'
  yScale?: 'linear' | 'log'
}

/**
 * A plot of a quantity against the settings, with one line for each arm
 */
export function armFigure ({ title, caption, points, xTitle, yTitle, xScale = 'linear', yScale = 'linear' }: ArmFigureInit): Figure {
  const colour = armScale(points.map(({ arm }) => arm))

  return {
    title,
    caption,
    plot: {
      width: 460,
      height: 300,
      data: { values: points },
      mark: { type: 'line', point: { size: 50 }, strokeWidth: 2.5 },
      encoding: {
        x: { field: 'x', type: 'quantitative', scale: { type: xScale, nice: false }, axis: { title: xTitle, values: [...new Set(points.map(({ x }) => x))], format: numberFormat(points.map(({ x }) => x)) } },
        y: { field: 'y', type: 'quantitative', scale: yScale === 'log' ? { type: 'log' } : { type: 'linear', zero: true }, axis: { title: yTitle, format: numberFormat(points.map(({ y }) => y)) } },
        color: { field: 'arm', type: 'nominal', scale: colour, legend: { title: null, orient: 'top', columns: 4 } }
      }
    }
  }
}

/** Format of numbers in which thousands and millions are shortened */
function numberFormat (values: readonly number[]): string {
  return Math.max(...values) < 10_000 ? '~g' : '~s'
}
