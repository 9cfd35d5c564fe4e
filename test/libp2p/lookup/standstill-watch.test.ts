import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StandstillWatch } from '../../../src/libp2p/lookup/standstill-watch.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

test('a process that stood still is noticed at the next look, once, and before longer timers that are overdue', () => {
  let stalledMs = 0
  const told: string[] = []
  const end = new StandstillWatch(() => Date.now() + stalledMs, () => { told.push('standstill') }).begin()
  setTimeout(() => { told.push('deadline') }, 900)

  vi.advanceTimersByTime(700)
  expect(told).toEqual([])

  stalledMs = 3_000
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual(['standstill', 'deadline'])

  end()
  expect(vi.getTimerCount()).toBe(0)
})

test('what is read before any timer fires is no reason to miss it', () => {
  let stalledMs = 0
  const onStandstill = vi.fn()
  const watch = new StandstillWatch(() => Date.now() + stalledMs, onStandstill)
  const end = watch.begin()

  stalledMs = 3_000
  watch.look()
  watch.look()
  vi.advanceTimersByTime(1_000)
  expect(onStandstill).toHaveBeenCalledOnce()
  end()
})

test('nobody looks while nothing is under way', () => {
  const watch = new StandstillWatch(() => Date.now(), () => {})
  const ends = [watch.begin(), watch.begin()]

  expect(vi.getTimerCount()).toBe(1)
  ends[0]()
  expect(vi.getTimerCount()).toBe(1)
  ends[1]()
  expect(vi.getTimerCount()).toBe(0)
})
