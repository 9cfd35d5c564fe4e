import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DelayLine } from '../../../../benchmarks/testnet/links/delay-line.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

test('delivers each item after the delay, in order', () => {
  const delivered: Array<[string, number]> = []
  const line = new DelayLine<string>(50, item => { delivered.push([item, performance.now() - start]) })
  const start = performance.now()

  line.push('a')
  line.push('b')
  vi.advanceTimersByTime(20)
  line.push('c')
  vi.advanceTimersByTime(29)
  expect(delivered).toEqual([])

  vi.runAllTimers()
  expect(delivered).toEqual([['a', 50], ['b', 50], ['c', 70]])
})

test('loses what is on its way when it is cleared, and leaves no timer', () => {
  const delivered: string[] = []
  const line = new DelayLine<string>(50, item => { delivered.push(item) })

  line.push('a')
  line.clear()
  expect(vi.getTimerCount()).toBe(0)

  line.push('b')
  vi.runAllTimers()
  expect(delivered).toEqual(['b'])
})
