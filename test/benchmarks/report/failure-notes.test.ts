import { expect, test } from 'vitest'
import { failureNotes } from '../../../benchmarks/report/failure-notes.ts'
import { sampleOf } from '../simulator/studies/outcomes.ts'
import type { Sample } from '../../../benchmarks/report/results.ts'

function failure (reason: string | undefined, operation: Sample['operation'] = 'find-peer'): Sample {
  return { ...sampleOf('kad-dht', operation, 1), failed: true, reason }
}

test('says nothing where nothing failed, or nobody knows why', () => {
  expect(failureNotes([sampleOf('kad-dht', 'find-peer', 1), failure(undefined)])).toEqual([])
})

test('counts reasons for each arm and operation, the commonest first, and names three', () => {
  const reasons = ['a', 'b', 'b', 'c', 'd']

  expect(failureNotes([...reasons.map(reason => failure(reason)), failure('e', 'provide')])).toEqual([
    'kad-dht failed in find-peer 2 times: b; once: a; once: c; and for other reasons.',
    'kad-dht failed in provide once: e.'
  ])
})
