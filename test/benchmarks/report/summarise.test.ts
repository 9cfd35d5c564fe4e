import { expect, test } from 'vitest'
import { summarise } from '../../../benchmarks/report/summarise.ts'
import { syntheticSamples } from './synthetic-samples.ts'
import type { Sample } from '../../../benchmarks/report/results.ts'

test('interpolates percentiles linearly, as R and NumPy do by default', () => {
  const [result] = summarise(timed(Array.from({ length: 11 }, (_, i) => 100 * (i + 1))))

  expect(result?.timeMs).toEqual({ p50: 600, p90: 1000, p99: 1090, mean: 600 })
})

test('takes the first ten by index, not by order of arrival', () => {
  const samples = timed([...Array<number>(10).fill(900), ...Array<number>(40).fill(100)]).reverse()

  expect(summarise(samples)[0]).toMatchObject({ samples: 50, firstTen: { p50: 900 }, timeMs: { p50: 100 } })
})

test('counts the requests and dials of the first ten apart', () => {
  const samples = timed(Array.from({ length: 40 }, () => 100)).map((sample, index) => ({ ...sample, queries: index < 10 ? 30 : 20, dials: index < 10 ? 25 : 5 }))

  expect(summarise(samples)[0]).toMatchObject({ firstTen: { queries: { mean: 30 }, dials: { mean: 25 } }, queries: { mean: 22.5 }, dials: { mean: 10 } })
})

test('averages recall over the samples whose recall is known and leaves it out where none is', () => {
  const [a, b, c] = timed([1, 2, 3])

  expect(summarise([{ ...a!, recall: 1 }, { ...b!, recall: 0.5 }, { ...c!, recall: undefined }])[0]?.recall).toEqual({ mean: 0.75, min: 0.5 })
  expect(summarise([{ ...a!, recall: undefined }])[0]).not.toHaveProperty('recall')
})

test('averages what was done between operations, where that was counted', () => {
  const [a, b, c] = timed([1, 2, 3])

  expect(summarise([{ ...a!, background: { queries: 2, dials: 9 } }, { ...b!, background: { queries: 4, dials: 1 } }, c!])[0]?.background)
    .toEqual({ queries: { mean: 3 }, dials: { mean: 5 } })
  expect(summarise([c!])[0]).not.toHaveProperty('background')
})

test('tells the share that succeeded, and that of the memory which is real where it was counted', () => {
  const [a, b, c] = timed([1, 2, 3])
  const [result] = summarise([{ ...a!, failed: true, honestMemory: 1 }, { ...b!, honestMemory: 0.5 }, c!])

  expect(result?.success).toBeCloseTo(2 / 3)
  expect(result?.honestMemory).toEqual({ mean: 0.75, min: 0.5 })
  expect(summarise([c!])[0]).not.toHaveProperty('honestMemory')
})

test('tells the share of the puts whose record was found, soon and later, of those that were looked for', () => {
  const [a, b, c, d] = timed([1, 2, 3, 4])
  const soon = [{ ...a!, retrieved: { soon: true } }, { ...b!, retrieved: { soon: false } }, d!]

  expect(summarise([...soon, { ...c!, retrieved: { soon: false, later: true } }])[0]?.retrieved).toEqual({ soon: 1 / 3, later: 1 })
  expect(summarise(soon)[0]?.retrieved).toEqual({ soon: 0.5 })
  expect(summarise([d!])[0]).not.toHaveProperty('retrieved')
})

test('counts a put that had stored everything when it returned with its own time and recall', () => {
  const [a, b] = timed([100, 200])
  const [result] = summarise([{ ...a!, recall: 0.9, afterReturn: { timeMs: 400, recallAtReturn: 0.7 } }, { ...b!, recall: 0.8 }])

  expect(result).toMatchObject({ timeMs: { p50: 150 }, recall: { min: 0.8 }, afterReturn: { timeMs: { p50: 300 }, recallAtReturn: { mean: 0.75, min: 0.7 } } })
})

test('lists operations and arms in the order of the contract, however they arrive', () => {
  const samples = syntheticSamples({ arms: ['oracle', 'scored', 'kad-dht'], operations: ['provide', 'closest-peers'], count: 2 })

  expect(summarise(samples).map(({ operation, arm }) => `${operation} ${arm}`)).toEqual([
    'closest-peers kad-dht', 'closest-peers scored', 'closest-peers oracle',
    'provide kad-dht', 'provide scored', 'provide oracle'
  ])
})

test('has nothing to say about nothing', () => {
  expect(summarise([])).toEqual([])
})

function timed (times: number[]): Sample[] {
  const [template] = syntheticSamples({ arms: ['scored'], count: 1 })

  return times.map((timeMs, index) => ({ ...template!, index, timeMs }))
}
