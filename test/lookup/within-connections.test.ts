import { expect, test } from 'vitest'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { withinConnections } from '../../src/lookup/within-connections.ts'

test.each([
  { maxConnections: Infinity, disjointPaths: 1, alpha: 20, maxInFlight: 60 },
  { maxConnections: 300, disjointPaths: 1, alpha: 20, maxInFlight: 60 },
  { maxConnections: 25, disjointPaths: 1, alpha: 20, maxInFlight: 25 },
  { maxConnections: 12, disjointPaths: 1, alpha: 12, maxInFlight: 12 },
  { maxConnections: 1, disjointPaths: 1, alpha: 10, maxInFlight: 10 },
  { maxConnections: 25, disjointPaths: 4, alpha: 6, maxInFlight: 6 },
  { maxConnections: 1, disjointPaths: 20, alpha: 1, maxInFlight: 1 }
])('a node that may have $maxConnections connections asks $maxInFlight peers at a time on each of $disjointPaths paths', ({ maxConnections, disjointPaths, alpha, maxInFlight }) => {
  expect(withinConnections(validateLookupParameters({ disjointPaths }), maxConnections)).toEqual(validateLookupParameters({ disjointPaths, alpha, maxInFlight }))
})
