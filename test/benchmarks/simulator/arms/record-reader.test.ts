import { expect, test } from 'vitest'
import { RecordReader } from '../../../../benchmarks/simulator/arms/record-reader.ts'
import { Clock } from '../../../../benchmarks/simulator/clock.ts'
import type { Client } from '../../../../benchmarks/simulator/clients/client.ts'

const KEY = Uint8Array.of(1)

/** A client that asks node 7 so many ms after each start of a search, or never */
function given (askedAfterMs: number): { clock: Clock, beganAtMs: number[], cancelled: number[], retrieve: (isHolder: () => boolean) => Array<unknown> } {
  const clock = new Clock()
  const beganAtMs: number[] = []
  const cancelled: number[] = []
  const findHolder: Client['findHolder'] = (_, isHolder, done) => {
    beganAtMs.push(clock.now)
    const cancel = askedAfterMs === Infinity ? () => {} : clock.schedule(askedAfterMs, () => { done(isHolder(7)) })

    return {
      queries: 0,
      cancel: () => {
        cancelled.push(clock.now)
        cancel()
      }
    }
  }
  const reader = new RecordReader({ findHolder } as unknown as Client, clock)

  return {
    clock,
    beganAtMs,
    cancelled,
    retrieve: isHolder => {
      const results: unknown[] = []

      reader.readTwice(KEY, isHolder, retrieved => { results.push(retrieved) })

      while (clock.step()) {
        // the next thing happens
      }

      return results
    }
  }
}

test('looks one second after the return and a minute after it, and asks who holds the record by then', () => {
  const { clock, beganAtMs, retrieve } = given(200)

  expect(retrieve(() => clock.now > 1_200)).toEqual([{ soon: false, later: true }])
  expect(beganAtMs).toEqual([1_000, 60_000])
  expect(given(200).retrieve(() => true)).toEqual([{ soon: true, later: true }])
})

test('gives up after 20 seconds', () => {
  const { cancelled, retrieve } = given(Infinity)

  expect(retrieve(() => true)).toEqual([{ soon: false, later: false }])
  expect(cancelled).toEqual([21_000, 80_000])
  expect(given(19_999).retrieve(() => true)).toEqual([{ soon: true, later: true }])
})
