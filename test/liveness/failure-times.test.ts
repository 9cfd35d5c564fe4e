import { beforeEach, describe, expect, test } from 'vitest'
import { FailureTimes } from '../../src/liveness/failure-times.ts'

let times: FailureTimes<string>

beforeEach(() => {
  times = new FailureTimes()
})

describe('the first failure of a row', () => {
  test('stays the first while the row goes on', () => {
    times.note('a', 10, 'begins')
    times.note('a', 20, 'goesOn')
    times.note('a', 30, 'goesOn')

    expect(times.first('a')).toBe(10)
  })

  test('is the next one when another row begins', () => {
    times.note('a', 10, 'begins')
    times.note('a', 20, 'begins')

    expect(times.first('a')).toBe(20)
  })

  test('is the one that is known when nobody has noted those before', () => {
    times.note('a', 20, 'goesOn')

    expect(times.first('a')).toBe(20)
  })

  test('is of that peer, and unknown once that is forgotten', () => {
    times.note('a', 10, 'begins')
    expect(times.first('b')).toBeUndefined()

    times.delete('a')
    expect(times.first('a')).toBeUndefined()
  })
})

describe('a failure', () => {
  test.each([
    [19, true],
    [20, false],
    [21, false]
  ])('of a request of %i ms is the one that was noticed at 20 ms: %s', (startedAt, included) => {
    times.note('a', 10, 'begins')
    times.note('a', 20, 'goesOn')

    expect(times.includes({ peer: 'a', startedAt })).toBe(included)
    expect(times.includes({ peer: 'b', startedAt })).toBe(false)
  })

  test('is another one when the one before was forgotten', () => {
    times.note('a', 20, 'begins')
    times.delete('a')

    expect(times.includes({ peer: 'a', startedAt: 0 })).toBe(false)
  })
})
