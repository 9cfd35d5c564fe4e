import { expect, test } from 'vitest'
import { GoClient } from '../../../../../../benchmarks/simulator/clients/go/go-client.ts'
import { GoSweep } from '../../../../../../benchmarks/simulator/clients/go/sweep/go-sweep.ts'
import { seededRandom } from '../../../../../../benchmarks/random/seeded-random.ts'
import { SmallNetwork } from '../../small-network.ts'
import type { BulkKey, BulkTraffic } from '../../../../../../benchmarks/simulator/clients/requests/bulk-key.ts'

function given (count: number): { network: SmallNetwork, keys: BulkKey[] } {
  const random = seededRandom(1, 'sweep')

  return {
    network: new SmallNetwork({ size: 128, bootstrap: [3] }),
    keys: Array.from({ length: count }, () => ({ kadId: Uint8Array.from({ length: 4 }, () => Math.floor(random() * 256)), holders: [] }))
  }
}

function provide ({ network, keys }: ReturnType<typeof given>): { traffic: BulkTraffic, stored: boolean[] } {
  const { components } = network
  const client = new GoClient(components)
  const stored: boolean[] = []
  let isOver = false
  const sweep = new GoSweep({ components, client, keys, handlers: { onKey: (_, isStored) => { stored.push(isStored) }, onEnd: () => { isOver = true } } })

  client.start()
  network.pass(60_000)
  sweep.start()

  network.passUntil(() => isOver)

  return { traffic: sweep.traffic, stored }
}

test('gives each key to its closest peers, with a lookup for many keys', () => {
  const setup = given(400)
  const { traffic, stored } = provide(setup)

  for (const { kadId, holders } of setup.keys) {
    expect(new Set(holders)).toEqual(new Set(setup.network.closest(kadId, 8)))
  }

  expect(stored).toEqual(Array.from({ length: 400 }, () => true))
  expect(traffic).toMatchObject({ records: 3200, questions: 0, failedSends: 0 })
  expect(traffic.lookups).toBeLessThan(100)
})

test('looks up a key or two by themselves', () => {
  const { traffic, stored } = provide(given(2))

  expect(traffic).toMatchObject({ lookups: 4 + 2, sends: 16, records: 16 })
  expect(stored).toEqual([true, true])
})

test('gives no other peer the records of one that can not be reached', () => {
  const setup = given(400)
  const client = new GoClient(setup.network.components)
  const store = client.requests.store.bind(client.requests)
  const attempts: number[] = []
  let isOver = false

  client.requests.store = (counter, node, answered, totalMs, onEnd) => {
    if (node !== 17) {
      return store(counter, node, answered, totalMs, onEnd)
    }

    attempts.push(totalMs)

    return setup.network.clock.schedule(totalMs, () => { onEnd(false) })
  }

  const sweep = new GoSweep({ components: setup.network.components, client, keys: setup.keys, handlers: { onKey: () => {}, onEnd: () => { isOver = true } } })

  client.start()
  setup.network.pass(60_000)
  sweep.start()

  setup.network.passUntil(() => isOver)

  for (const { kadId, holders } of setup.keys) {
    expect(new Set(holders)).toEqual(new Set(setup.network.closest(kadId, 8).filter(node => node !== 17)))
  }

  // the third failure in a row is the last
  expect(attempts).toEqual([10_000, 10_000, 10_000])
  expect(sweep.traffic.failedSends).toBe(1)
})
