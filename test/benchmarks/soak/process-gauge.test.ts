import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { ProcessGauge } from '../../../benchmarks/soak/process-gauge.ts'

test('sees handles that were left open, by type, until they are closed', async () => {
  const gauge = new ProcessGauge()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')

  expect(await gauge.handlesLeft()).toEqual({ TCPServerWrap: 1 })

  server.close()

  expect(await gauge.handlesLeft()).toEqual({})
})

test('counts listeners on the process and warnings, those that differ only by a number as one', async () => {
  const gauge = new ProcessGauge()
  const listener = (): void => {}
  process.on('beforeExit', listener)
  process.emitWarning('12 listeners', 'TestWarning')
  process.emitWarning('13 listeners', 'TestWarning')
  await new Promise(setImmediate)

  expect(gauge.warnings).toEqual({ 'TestWarning: n listeners': 2 })
  expect(gauge.listenersLeft()).toBe(1)

  process.off('beforeExit', listener)

  expect(gauge.listenersLeft()).toBe(0)
})

test('measures the heap after garbage collection', async () => {
  const gauge = new ProcessGauge()
  const before = await gauge.use()
  let ballast: number[] | undefined = new Array<number>(4_000_000).fill(0.5)
  const during = (await gauge.use()).heapMiB

  expect(ballast.length).toBe(4_000_000)
  ballast = undefined

  expect(during - before.heapMiB).toBeGreaterThan(25)
  expect((await gauge.use()).heapMiB - before.heapMiB).toBeLessThan(5)
  expect(before.rssMiB).toBeGreaterThan(before.heapMiB)
  expect(before.handles).toBeGreaterThanOrEqual(0)
})
