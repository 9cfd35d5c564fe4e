import { describe, expect, test } from 'vitest'
import { ReprovidePace } from '../../src/publish/reprovide-pace.ts'

const MINUTE = 60_000
const CYCLE = 22 * 60 * MINUTE

/**
 * Tell a pace minute by minute how many regions wait
 *
 * @returns The minutes at which it began and ceased to fall behind
 */
function turns (minutes: number, waiting: (minute: number) => number, regions = 200): number[] {
  const pace = new ReprovidePace()
  const found: number[] = []

  for (let minute = 0; minute <= minutes; minute++) {
    const before = pace.isFallingBehind
    const isFallingBehind = pace.changed({ waiting: waiting(minute), regions, cycleMs: CYCLE }, minute * MINUTE)

    expect(pace.isFallingBehind).toBe(isFallingBehind)

    if (before !== isFallingBehind) {
      found.push(minute)
    }
  }

  return found
}

describe('the sending of regions', () => {
  test('falls behind when the queue grew in three windows of ten minutes in a row', () => {
    expect(turns(200, minute => 1 + minute / 5)).toEqual([40])
    expect(turns(200, minute => 1 + Math.min(3, Math.floor(minute / 10)))).toEqual([40, 70])
    expect(turns(200, minute => 1 + Math.min(2, Math.floor(minute / 10)))).toEqual([])
  })

  test('keeps up when the queue is large, but does not grow', () => {
    expect(turns(200, () => 100)).toEqual([])
    expect(turns(200, minute => 150 - minute / 5)).toEqual([])
  })

  test('keeps up when the queue grows now and then', () => {
    expect(turns(600, minute => 10 + minute % 30)).toEqual([])
  })

  test('keeps up when nothing waits at some time in each window', () => {
    expect(turns(200, minute => minute % 10 === 7 ? 0 : minute)).toEqual([])
  })

  test('recovers when the queue did not grow for three windows, or nothing waits', () => {
    const growing = (minute: number): number => 1 + minute / 5

    expect(turns(300, minute => minute <= 60 ? growing(minute) : growing(60))).toEqual([40, 100])
    expect(turns(300, minute => minute <= 60 ? growing(minute) : Math.max(1, 13 - (minute - 60) / 5))).toEqual([40, 100])
    expect(turns(300, minute => minute <= 60 ? growing(minute) : 0)).toEqual([40, 70])
    expect(turns(300, minute => minute <= 60 || minute > 130 ? growing(minute) : growing(60))).toEqual([40, 100, 160])
  })

  test('is measured by the time that regions wait, not by how often it is told', () => {
    const pace = new ReprovidePace()
    const told = (waiting: number, minute: number): boolean => pace.changed({ waiting, regions: 200, cycleMs: CYCLE }, minute * MINUTE)

    // each window ends with many, but most of the time as few wait as before
    for (let minute = 0; minute < 100; minute += 10) {
      told(5, minute)

      for (let i = 0; i < 10; i++) {
        expect(told(20 + minute, minute + 9.5)).toBe(false)
        told(5, minute + 9.5)
      }
    }
  })
})

describe('where regions are few', () => {
  test.each([
    // one falls due every 82 minutes
    [16, 6],
    [8, 12],
    [1, 12]
  ])('%i that are not sent at all are noticed within %i hours', (regions, hours) => {
    const [first, ...others] = turns(48 * 60, minute => Math.min(regions, 1 + Math.floor(minute * regions / (22 * 60))), regions)

    expect(first).toBeGreaterThan(60)
    expect(first).toBeLessThanOrEqual(hours * 60)
    expect(others).toEqual([])
  })

  test('two that are not sent at all are noticed before their records expire', () => {
    expect(turns(48 * 60, minute => Math.min(2, 1 + Math.floor(minute / (11 * 60))), 2)).toEqual([expect.any(Number)])
  })

  test('one that takes an hour to be sent is on time', () => {
    expect(turns(96 * 60, minute => minute % (22 * 60) < 60 ? 1 : 0, 1)).toEqual([])
  })

  test('none are on time', () => {
    expect(turns(600, () => 0, 0)).toEqual([])
  })
})
