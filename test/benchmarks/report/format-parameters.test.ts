import { expect, test } from 'vitest'
import { formatParameters } from '../../../benchmarks/report/format-parameters.ts'

test('names values, those within others too, and leaves out what is not set', () => {
  expect(formatParameters({ nodes: 200, arms: ['scored', 'oracle'], nat: undefined, churn: { share: 0.6, everyMs: 1000 }, mode: null }))
    .toBe('nodes 200, arms scored,oracle, churn (share 0.6, everyMs 1000), mode null')
})
