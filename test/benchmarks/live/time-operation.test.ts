import { expect, test } from 'vitest'
import { timeOperation } from '../../../benchmarks/live/time-operation.ts'
import { TrafficLedger } from '../../../benchmarks/live/traffic-ledger.ts'

test('tells what was found', async () => {
  expect(await timeOperation(async () => ['a'], 1000, new TrafficLedger())).toMatchObject({ failed: false, reason: undefined, found: ['a'] })
})

test('tells why there was nothing: the error in one line, or the time', async () => {
  const failing = timeOperation(async () => { throw new Error('no peers\nat all') }, 1000, new TrafficLedger())
  const hanging = timeOperation(async () => new Promise(() => {}), 20, new TrafficLedger())

  expect(await failing).toMatchObject({ failed: true, reason: 'no peers', timeMs: 1000, found: [] })
  expect(await hanging).toMatchObject({ failed: true, reason: 'nothing within 20 ms', timeMs: 20 })
})
