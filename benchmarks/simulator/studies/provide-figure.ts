import type { Figure } from '../../report/plots/figure.ts'

/** Number of points of the curve */
const STEPS = 200

/**
 * The distribution of times in the model, together with the published percentiles
 *
 * @param timesS - Simulated times, s
 * @param published - Published times, s, by percentile, such as `p50`
 */
export function provideFigure (title: string, timesS: readonly number[], published: Readonly<Record<string, number>>): Figure {
  const sorted = timesS.toSorted((a, b) => a - b)
  const curve = Array.from({ length: STEPS + 1 }, (_, step) => {
    const index = Math.min(sorted.length - 1, Math.floor(step / STEPS * sorted.length))

    return { seconds: sorted[index], share: index / Math.max(1, sorted.length - 1), what: 'simulated' }
  })
  const points = Object.entries(published).map(([name, seconds]) => ({ seconds, share: Number(name.slice(1)) / 100, what: 'published', name }))

  return {
    title,
    caption: 'The curve is the model, the points are published percentiles. Where a point lies on the curve, the model comes to what was measured.',
    plot: {
      width: 460,
      height: 300,
      layer: [
        { data: { values: curve }, mark: { type: 'line', interpolate: 'monotone', strokeWidth: 2.5, color: '#009e73' } },
        { data: { values: points }, mark: { type: 'point', filled: true, size: 80, color: '#222' } },
        { data: { values: points }, mark: { type: 'text', align: 'left', dx: 8, dy: 4, fontSize: 12 }, encoding: { text: { field: 'name' } } }
      ],
      encoding: {
        x: { field: 'seconds', type: 'quantitative', scale: { type: 'log', nice: false }, axis: { title: 'time of one operation, seconds (logarithmic)', format: '~g' } },
        y: { field: 'share', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'share of operations done', format: '%' } }
      }
    }
  }
}
