import { expect, test } from 'vitest'
import { representativeTraces } from '../../../benchmarks/live/representative-traces.ts'
import type { OperationTrace } from '../../../benchmarks/live/representative-traces.ts'

const trace = (index: number, timeMs: number, arm = 'scored'): OperationTrace => ({ arm, operation: 'closest-peers', index, timeMs, lines: [`what happened in ${index}`] })

test('of many operations the traces of the median and of the 99th percentile are shown', () => {
  // the slowest first: operation 99 takes 1 ms
  const traces = Array.from({ length: 100 }, (_, index) => trace(index, 100 - index))

  expect(representativeTraces(traces)).toEqual([
    ['scored, closest-peers number 51, the median of 100:', 'what happened in 50', 'took 50 ms in all'],
    ['scored, closest-peers number 2, the 99th percentile of 100:', 'what happened in 1', 'took 99 ms in all']
  ])
})

test('one operation is both, and is shown once', () => {
  expect(representativeTraces([trace(0, 12.4)])).toEqual([
    ['scored, closest-peers number 1, the median and the 99th percentile of 1:', 'what happened in 0', 'took 12 ms in all']
  ])
})

test('each arm has its own', () => {
  const titles = representativeTraces([trace(0, 1), trace(0, 2, 'scored-warm'), trace(1, 3), trace(1, 4, 'scored-warm')]).map(([title]) => title)

  expect(titles).toEqual([
    'scored, closest-peers number 1, the median of 2:',
    'scored, closest-peers number 2, the 99th percentile of 2:',
    'scored-warm, closest-peers number 1, the median of 2:',
    'scored-warm, closest-peers number 2, the 99th percentile of 2:'
  ])
})
