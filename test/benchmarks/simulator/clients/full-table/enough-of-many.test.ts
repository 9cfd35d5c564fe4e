import { describe, expect, test } from 'vitest'
import { EnoughOfMany } from '../../../../../benchmarks/simulator/clients/full-table/enough-of-many.ts'
import { Clock } from '../../../../../benchmarks/simulator/clock.ts'

/** When peers succeed, ms; below 0 when they fail */
function endOf (times: number[]): Array<{ atMs: number, succeeded: number[] }> {
  const clock = new Clock()
  const ends: Array<{ atMs: number, succeeded: number[] }> = []

  const many = new EnoughOfMany({
    clock,
    nodes: times.map((_, node) => node),
    start: (node, onEnd) => clock.schedule(Math.abs(times[node]), () => { onEnd(times[node] > 0) }),
    onEnd: succeeded => { ends.push({ atMs: clock.now, succeeded }) }
  })

  while (clock.step()) {
    // to the end
  }

  // which is over by now
  many.cancel()

  return ends
}

describe('EnoughOfMany', () => {
  test('ends once, with the last one too', () => {
    expect(endOf([10])).toEqual([{ atMs: 10, succeeded: [0] }])
    expect(endOf([-10])).toEqual([{ atMs: 10, succeeded: [] }])
    expect(endOf([])).toEqual([{ atMs: 0, succeeded: [] }])
  })

  test('ends with the success that makes twice the successes and the failures all of them', () => {
    expect(endOf([10, 20, 30, 40])).toEqual([{ atMs: 20, succeeded: [0, 1] }])
    expect(endOf([-10, -15, 20, 400])).toEqual([{ atMs: 20, succeeded: [2] }])
  })

  test('does not end with a failure, but half a second after the last success', () => {
    expect(endOf([10, 20, 30, 2_000, 2_000, 2_000, -100, -110, -120, 3_000])).toEqual([{ atMs: 30 + 500, succeeded: [0, 1, 2] }])
  })

  test('is patient while fewer than 30% have succeeded', () => {
    expect(endOf([10, 20, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000])).toEqual([{ atMs: 2_500, succeeded: [0, 1, 2] }])
  })
})
