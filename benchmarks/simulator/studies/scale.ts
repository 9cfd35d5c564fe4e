import { linearRegression, linearRegressionLine } from 'simple-statistics'
import { resultOf } from './arm-results.ts'
import { sweep } from './sweep.ts'
import type { Study } from './study.ts'

const SIZES = [10_000, 100_000, 1_000_000]

const SWEEP = sweep({
  name: 'scale',
  question: 'How do time and traffic grow with the network?',
  defaults: { lookups: 300 },
  xTitle: 'servers',
  xScale: 'log',
  settings: SIZES.map(nodes => ({ label: `${nodes.toLocaleString('en')} servers`, x: nodes, change: { nodes } }))
})

/**
 * Time and messages of an operation, against the logarithm of the network's size
 */
export const SCALE: Study = {
  ...SWEEP,

  conclude (outcomes) {
    const findings = SWEEP.conclude(outcomes)
    const arms = outcomes[0]?.options.arms ?? []
    const growths = arms.flatMap(arm => {
      const points = outcomes.flatMap(outcome => {
        const result = resultOf(outcome, arm, 'closest-peers')

        return result === undefined ? [] : [{ log10: Math.log10(outcome.options.nodes), ms: result.timeMs.p50, queries: result.queries.mean }]
      })

      if (points.length < 2) {
        return []
      }

      const times = linearRegression(points.map(({ log10, ms }) => [log10, ms]))
      const queries = linearRegression(points.map(({ log10, queries }) => [log10, queries]))
      const at = linearRegressionLine(times)(4)

      return [`${arm} takes ${at.toFixed(0)} ms at 10,000 servers and ${times.m.toFixed(0)} ms more for each tenfold, with ${queries.m.toFixed(1)} more requests`]
    })

    return growths.length === 0 ? findings : { ...findings, finding: `At the median, ${growths.join('; ')}.` }
  }
}
