import { expect, test } from 'vitest'
import { PutObserver } from '../../../benchmarks/testnet/put-observer.ts'
import type { ArmClient } from '../../../benchmarks/testnet/arms/arm-client.ts'
import type { ObservedPut, PutAfterReturn } from '../../../benchmarks/testnet/put-observer.ts'
import type { Task } from '../../../benchmarks/live/run-operation.ts'
import type { Operation } from '../../../benchmarks/report/results.ts'

const RTT_MS = 100
const READ_MS = 300

function put (operation: Operation): ObservedPut {
  return { task: { operation, key: Uint8Array.of(1), value: Uint8Array.of(2), providers: [], others: [{ key: Uint8Array.of(3), value: Uint8Array.of(4) }] }, owner: 'owner' }
}

/**
 * @param shareAt - Share of the closest that hold the record so many ms after the return
 */
function given (shareAt: (ms: number) => number, isFound = (_: number): boolean => true): { asked: Array<{ atMs: number, task: Task }>, clock: { now: number }, observe: (operation?: Operation) => Promise<PutAfterReturn> } {
  const clock = { now: 0 }
  const asked: Array<{ atMs: number, task: Task }> = []
  const waiting: Array<{ atMs: number, go: () => void }> = []
  const wait = async (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()

    waiting.push({ atMs: clock.now + ms, go: resolve })
    await promise
  }
  const reader = {
    async perform (task: Task) {
      asked.push({ atMs: clock.now, task })

      const failed = !isFound(clock.now)

      await wait(READ_MS)

      return { failed }
    }
  } as unknown as ArmClient
  const observer = new PutObserver({ reader, shareHolding: async () => shareAt(clock.now), rttMs: RTT_MS, wait, now: () => clock.now })

  return {
    asked,
    clock,
    async observe (operation = 'provide') {
      const done = Symbol('done')
      const observing = observer.observe(put(operation), { timeMs: 500, period: { from: 0, to: 0 } })

      for (;;) {
        // whatever can happen now has happened when a macrotask has its turn
        const result = await Promise.race([observing.then(() => done), new Promise(resolve => { setImmediate(resolve) })])

        if (result === done) {
          return observing
        }

        waiting.sort((a, b) => a.atMs - b.atMs)
        clock.now = waiting[0].atMs
        waiting.shift()?.go()
      }
    }
  }
}

test('tells the share at the return, the share in the end, and when the last holder had the record', async () => {
  const share = (ms: number): number => ms < 250 ? 0.75 : ms < 1_150 ? 0.9 : 0.95

  expect(await given(share).observe()).toEqual({ recall: 0.95, afterReturn: { timeMs: 500 + 1_200, recallAtReturn: 0.75 }, retrieved: { soon: true } })
})

test('waits ten round trips for a holder more, and no longer', async () => {
  const { clock, observe } = given(ms => ms < 2_050 ? 0.9 : 1)

  // the last news came at the return, and the reader is done after 1,300 ms
  expect(await observe()).toMatchObject({ recall: 0.9, afterReturn: { timeMs: 500 } })
  expect(clock.now).toBeLessThanOrEqual(1_400)
})

test('looks for the record one second after the return, even when all hold it by then', async () => {
  const { asked, observe } = given(() => 1, () => false)

  expect(await observe()).toEqual({ recall: 1, afterReturn: { timeMs: 500, recallAtReturn: 1 }, retrieved: { soon: false } })
  expect(asked.map(({ atMs }) => atMs)).toEqual([1_000])
})

test('looks for a value by its key and its bytes, and for a provider by the id of who has put', async () => {
  for (const [operation, expected] of [
    ['put-value', { operation: 'get-value', providers: [] }],
    ['put-many', { operation: 'get-value', providers: [] }],
    ['provide', { operation: 'find-providers', providers: ['owner'] }],
    ['provide-many', { operation: 'find-providers', providers: ['owner'] }]
  ] as const) {
    const { asked, observe } = given(() => 1)

    await observe(operation)
    expect(asked.map(({ task }) => task)).toEqual([{ key: Uint8Array.of(1), value: Uint8Array.of(2), ...expected }])
  }
})
