import { expect, test } from 'vitest'
import { BulkPutRun } from '../../../../../benchmarks/simulator/clients/requests/bulk-put-run.ts'
import { ScoredClient } from '../../../../../benchmarks/simulator/clients/scored/scored-client.ts'
import { seededRandom } from '../../../../../benchmarks/random/seeded-random.ts'
import { SmallNetwork } from '../small-network.ts'
import type { BulkKey, BulkTraffic } from '../../../../../benchmarks/simulator/clients/requests/bulk-key.ts'

const KEYS = 300

function given (): { network: SmallNetwork, keys: BulkKey[] } {
  const random = seededRandom(1, 'bulk put')

  return {
    network: new SmallNetwork({ size: 128, bootstrap: [3] }),
    keys: Array.from({ length: KEYS }, () => ({ kadId: Uint8Array.from({ length: 4 }, () => Math.floor(random() * 256)), holders: [] }))
  }
}

function putAll ({ network, keys }: ReturnType<typeof given>): { traffic: BulkTraffic, results: Map<BulkKey, boolean[]> } {
  const { components } = network
  const results = new Map<BulkKey, boolean[]>()
  let isOver = false
  const run = new BulkPutRun({
    components,
    node: new ScoredClient(components, { epsilon: 0 }),
    keys,
    handlers: {
      onKey: (key, stored) => { results.set(key, [...results.get(key) ?? [], stored]) },
      onEnd: () => { isOver = true }
    }
  })

  run.start()

  network.passUntil(() => isOver)

  return { traffic: run.traffic, results }
}

test('stores each key with its closest peers, with a lookup for many keys', () => {
  const setup = given()
  const { traffic, results } = putAll(setup)

  for (const { kadId, holders } of setup.keys) {
    expect(new Set(holders)).toEqual(new Set(setup.network.closest(kadId, 8)))
  }

  expect([...results.values()]).toEqual(Array.from({ length: KEYS }, () => [true]))
  expect(traffic.lookups).toBeLessThan(KEYS / 4)
  expect(traffic).toMatchObject({ records: KEYS * 8, questions: traffic.sends, failedSends: 0 })
  expect(traffic.lookupRequests).toBeGreaterThan(traffic.lookups)
})

test('gives keys of a peer that connects and never answers to the next one, and counts what was written to it', () => {
  const setup = given()
  const usual = putAll(given()).traffic
  setup.network.mute.add(17)
  const { traffic } = putAll(setup)

  for (const { kadId, holders } of setup.keys) {
    expect(new Set(holders)).toEqual(new Set(setup.network.closest(kadId, 9).filter(node => node !== 17).slice(0, 8)))
  }

  expect(traffic.records).toBeGreaterThanOrEqual(usual.records)
})

test('tries keys again that have failed, as often as a live node, while others are stored', () => {
  const setup = given()
  // of the keys near these, half of the k closest and all that replace them can't be had
  const lost = setup.network.closest(Uint8Array.of(0, 0, 0, 0), 64)
  const run = new BulkPutRun({
    components: setup.network.components,
    node: {
      lookups: { networkSize: () => ({ servers: 128, standardError: 1, measurements: 9 }) },
      closestPeers: (target, done) => {
        setup.network.clock.schedule(10, () => { done({ closest: setup.network.closest(target, 8) }) })

        return { queries: 3, cancel: () => {} }
      },
      storeMany: (peer, { onConnected, onEnd }) => {
        setup.network.clock.schedule(10, () => {
          onConnected()
          onEnd(!lost.includes(peer))
        })
      }
    },
    keys: setup.keys,
    handlers: { onKey: (key, stored) => { results.push([key, stored]) }, onEnd: () => { isOver = true } }
  })
  const results: Array<[BulkKey, boolean]> = []
  let isOver = false

  run.start()

  setup.network.passUntil(() => isOver)

  const tries = Map.groupBy(results, ([key]) => key)
  const failing = setup.keys.filter(({ kadId }) => kadId[0] < 128)

  expect(failing.every(key => tries.get(key)?.every(([, stored]) => !stored))).toBe(true)
  // the second pass stores nothing, so there is no third
  expect(new Set(failing.map(key => tries.get(key)?.length))).toEqual(new Set([2]))
  expect(run.traffic.lookupRequests).toBe(3 * run.traffic.lookups)
})
