import { beforeEach, expect, test } from 'vitest'
import { GoodPeerSearch } from '../../src/upkeep/good-peer-search.ts'

let search: GoodPeerSearch

beforeEach(() => {
  search = new GoodPeerSearch({ minSearchPauseMs: 30, maxSearchPauseMs: 100 })
  search.start(1000)
})

/** When it searches within some time, if every search ends at once */
function searchesUntil (untilMs: number, isNeeded: (now: number) => boolean = () => true): number[] {
  const times: number[] = []

  for (let now = 1000; now <= untilMs; now++) {
    if (search.round(isNeeded(now), now)) {
      times.push(now)
      search.ended()
    }
  }

  return times
}

test('waits for a first pause after the start, then for twice as long each time, up to the longest', () => {
  expect(searchesUntil(1400)).toEqual([1030, 1090, 1190, 1290, 1390])
})

test('does nothing while there are enough good peers', () => {
  expect(searchesUntil(2000, () => false)).toEqual([])
})

test('begins with the short pause again when there were enough in between', () => {
  expect(searchesUntil(1350, now => now < 1200 || now > 1210)).toEqual([1030, 1090, 1190, 1290, 1350])
})

test('does not begin a second search while one runs', () => {
  expect(search.round(true, 1030)).toBe(true)
  expect(search.round(true, 5000)).toBe(false)
  search.ended()
  expect(search.round(true, 5001)).toBe(true)
})

test('does nothing when it is stopped, and works again after the next start', () => {
  search.round(true, 1030)
  search.stop()
  expect(search.round(true, 5000)).toBe(false)

  search.start(5000)
  expect(search.round(true, 5029)).toBe(false)
  expect(search.round(true, 5030)).toBe(true)
})
