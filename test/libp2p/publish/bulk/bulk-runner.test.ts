import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import { BulkRunner } from '../../../../src/libp2p/publish/bulk/bulk-runner.ts'
import { validateBulkParameters } from '../../../../src/parameters/bulk-parameters.ts'
import { PublishedKeys } from '../../../../src/persistence/published-keys.ts'
import type { BulkRunnerInit } from '../../../../src/libp2p/publish/bulk/bulk-runner.ts'

const { signal } = new AbortController()

function runner (init: Partial<BulkRunnerInit> = {}): BulkRunner {
  return new BulkRunner({
    keys: new PublishedKeys({ db: new MemoryLevel(), timeOfDay: () => 0 }),
    lookups: { networkSize: () => undefined },
    regionLookups: { find: async ({ bits }) => ({ at: bits, closest: [] }) },
    sender: { send: async () => ({ stored: [], refused: [] }) },
    book: { idOf: () => { throw new Error('not to be called') } },
    parameters: validateBulkParameters({}, 20),
    k: 20,
    random: () => 0,
    now: () => 0,
    timeOfDay: () => 0,
    ...init
  })
}

test('one run follows after another, also after one that failed', async () => {
  const order: string[] = []
  const runs = runner()
  const first = runs.inTurn(async () => {
    order.push('first begins')
    await new Promise(resolve => setTimeout(resolve, 20))
    order.push('first fails')
    throw new Error('no')
  }, signal)
  const second = runs.inTurn(async () => { order.push('second') }, signal)

  await expect(first).rejects.toThrow('no')
  await second
  await runs.idle()

  expect(order).toEqual(['first begins', 'first fails', 'second'])
  await expect(runs.inTurn(async () => {}, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up')
})

test('a run that waits for its turn is given up at once, and lets nobody in before the others have ended', async () => {
  const runs = runner()
  const order: string[] = []
  const first = Promise.withResolvers<void>()
  const running = runs.inTurn(async () => {
    await first.promise
    order.push('first')
  }, signal)
  const controller = new AbortController()
  const waiting = runs.inTurn(async () => { order.push('never') }, controller.signal)
  const last = runs.inTurn(async () => { order.push('last') }, signal)
  controller.abort(new Error('no longer wanted'))

  await expect(waiting).rejects.toThrow('no longer wanted')
  await new Promise(resolve => setTimeout(resolve, 10))
  expect(order).toEqual([])

  first.resolve()
  await Promise.all([running, last])
  expect(order).toEqual(['first', 'last'])
})

test('some lookups tell the size of a network that is not known yet', async () => {
  let lookups = 0
  const runs = runner({
    lookups: { networkSize: () => lookups < 5 ? undefined : { servers: 10_000, standardError: 1, measurements: lookups } },
    regionLookups: {
      find: async ({ bits }) => {
        lookups++
        return { at: bits, closest: [] }
      }
    }
  })

  expect(await runs.regionLength(signal)).toBe(7)
  expect(lookups).toBe(5)
})

test('a network of fewer than k is one region', async () => {
  expect(await runner().regionLength(signal)).toBe(0)
})

test('regions keep their length until the network has become another', async () => {
  let servers = 10_000
  const runs = runner({ lookups: { networkSize: () => ({ servers, standardError: 1, measurements: 9 }) } })
  const lengths: number[] = []

  for (servers of [10_000, 20_000, 8_000, 40_000, 20_000]) {
    lengths.push(await runs.regionLength(signal))
  }

  expect(lengths).toEqual([7, 7, 7, 9, 9])
})
