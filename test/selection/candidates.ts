import fc from 'fast-check'
import type { Candidate } from '../../src/selection/peer-selector.ts'

/** Any list that a lookup could offer, 1 to 60 candidates, ties in distance and score included */
export function anyCandidates (): fc.Arbitrary<Candidate[]> {
  return fc.array(fc.record({
    distance: fc.uint8Array({ minLength: 2, maxLength: 2 }),
    score: fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    expectedWaitMs: fc.oneof(fc.constant(100), fc.double({ min: 1, max: 60_000, noNaN: true }))
  }), { minLength: 1, maxLength: 60 })
    .map(candidates => candidates.sort((a, b) => Buffer.compare(a.distance, b.distance)))
}
