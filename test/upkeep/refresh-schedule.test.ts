import { beforeEach, expect, test } from 'vitest'
import { RefreshSchedule } from '../../src/upkeep/refresh-schedule.ts'

const INTERVAL_MS = 1000

let schedule: RefreshSchedule

beforeEach(() => {
  schedule = new RefreshSchedule({ firstRefreshMs: 60, refreshIntervalMs: INTERVAL_MS, maxRefreshedPrefix: 3 })
})

/** The lengths that one refresh looks up, each lookup refreshing its own */
function refresh (deepest: number, force: boolean, now: number): number[] {
  const lengths: number[] = []

  for (let step = schedule.begin(deepest, force, now); step.type === 'lookUp'; step = schedule.lookedUp(now)) {
    lengths.push(step.prefixLength)
    schedule.refreshed(step.prefixLength, now)
  }

  return lengths
}

test('begins soon after the start, and after an interval where that is shorter', () => {
  expect(schedule.firstAt(5)).toBe(65)
  expect(new RefreshSchedule({ firstRefreshMs: 60, refreshIntervalMs: 10, maxRefreshedPrefix: 3 }).firstAt(5)).toBe(15)
})

test('looks up one length after the other, up to the deepest of the table', () => {
  expect(schedule.begin(2, false, 0)).toEqual({ type: 'lookUp', prefixLength: 0 })
  expect(schedule.lookedUp(1)).toEqual({ type: 'lookUp', prefixLength: 1 })
  expect(schedule.lookedUp(2)).toEqual({ type: 'lookUp', prefixLength: 2 })
  expect(schedule.lookedUp(3)).toEqual({ type: 'rest', untilMs: 3 + INTERVAL_MS })
})

test('goes no deeper than the limit', () => {
  expect(refresh(20, false, 0)).toEqual([0, 1, 2, 3])
})

test('leaves out what a lookup refreshed within the interval', () => {
  schedule.refreshed(1, 500)

  expect(refresh(2, false, 500 + INTERVAL_MS - 1)).toEqual([0, 2])
  expect(refresh(2, false, 500 + INTERVAL_MS)).toEqual([1])
})

test('leaves out nothing when it is forced', () => {
  refresh(2, false, 0)

  expect(refresh(2, true, 1)).toEqual([0, 1, 2])
})

test('rests at once where everything is fresh', () => {
  refresh(2, false, 0)

  expect(schedule.begin(2, false, 1)).toEqual({ type: 'rest', untilMs: 1 + INTERVAL_MS })
})

test('that is asked for again waits for the lookup that is under way, and begins anew', () => {
  schedule.begin(1, false, 0)

  expect(schedule.begin(1, true, 1)).toEqual({ type: 'wait' })
  expect(schedule.lookedUp(2)).toEqual({ type: 'lookUp', prefixLength: 0 })
  expect(schedule.lookedUp(3)).toEqual({ type: 'lookUp', prefixLength: 1 })
  expect(schedule.lookedUp(4)).toMatchObject({ type: 'rest' })
})

test('that is cancelled rests when the lookup that is under way has ended', () => {
  schedule.begin(2, false, 0)
  schedule.cancel()

  expect(schedule.lookedUp(7)).toEqual({ type: 'rest', untilMs: 7 + INTERVAL_MS })
})

test('works again after a stop amid a lookup', () => {
  schedule.begin(2, false, 0)
  schedule.stop()

  expect(schedule.begin(0, false, 5)).toEqual({ type: 'lookUp', prefixLength: 0 })
})
