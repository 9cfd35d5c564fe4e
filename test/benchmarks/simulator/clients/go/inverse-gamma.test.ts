import { expect, test } from 'vitest'
import { inverseGamma } from '../../../../../benchmarks/simulator/clients/go/inverse-gamma.ts'

// the reference is gammaincinv of @stdlib 0.2.3
test.each([
  [20, 0.1, 14.52526146527276],
  [11, 0.9, 15.406641171976519],
  [3, 0.1, 1.1020653282493214],
  [1, 0.9, 2.302585092994046],
  [5.5, 0.9, 8.637504258750036],
  [51, 0.9, 60.33944014735431]
])('finds where P(%d, x) is %d, whole shape or not', (shape, probability, x) => {
  expect(inverseGamma(shape, probability)).toBeCloseTo(x, 7)
})
