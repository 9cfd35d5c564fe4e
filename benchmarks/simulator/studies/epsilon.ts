import { formatRatio } from '../../report/format-ratio.ts'
import { resultOf } from './arm-results.ts'
import { sweep } from './sweep.ts'
import type { Study } from './study.ts'

const SHARES = [0, 0.05, 0.1, 0.2, 0.3, 0.5]

const SWEEP = sweep({
  name: 'epsilon',
  question: 'Which share of the choices should explore?',
  defaults: { lookups: 1000, arms: ['scored', 'scored-warm', 'oracle'] },
  xTitle: 'epsilon',
  settings: SHARES.map(epsilon => ({ label: `epsilon ${epsilon}`, x: epsilon, change: { epsilon } }))
})

/**
 * Which share of exploring choices finds fastest
 */
export const EPSILON: Study = {
  ...SWEEP,

  conclude (outcomes) {
    const findings = SWEEP.conclude(outcomes)
    const figures = outcomes.flatMap(outcome => {
      const result = resultOf(outcome, 'scored', 'closest-peers')

      return result === undefined ? [] : [{ epsilon: outcome.options.epsilon, p50: result.timeMs.p50, p99: result.timeMs.p99, recall: result.recall?.mean ?? 0 }]
    })
    const best = figures.toSorted((a, b) => a.p50 - b.p50)[0]
    const usual = figures.find(({ epsilon }) => epsilon === 0.2)

    if (best === undefined) {
      return findings
    }

    const comparison = usual === undefined || usual === best
      ? ''
      : ` At the default of 0.2 it is ${usual.p50.toFixed(0)} ms (${formatRatio(usual.p50 / best.p50)} times the best) at recall ${usual.recall.toFixed(3)}.`

    return {
      ...findings,
      finding: `Lookups are fastest at the median with epsilon ${best.epsilon}: ${best.p50.toFixed(0)} ms, 99th percentile ${best.p99.toFixed(0)} ms, recall ${best.recall.toFixed(3)}.${comparison}`
    }
  }
}
