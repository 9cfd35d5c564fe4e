import { describe, expect, test } from 'vitest'
import { GoClient } from '../../../../../benchmarks/simulator/clients/go/go-client.ts'
import { GO_LIMITS_2022, GO_LIMITS_2025, GO_LIMITS_2026 } from '../../../../../benchmarks/simulator/clients/go/go-limits.ts'
import { SLOW_MS, SmallNetwork } from '../small-network.ts'
import type { GoClientInit } from '../../../../../benchmarks/simulator/clients/go/go-client.ts'
import type { SmallNetworkInit } from '../small-network.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'

const TARGET: KadId = Uint8Array.of(1, 0, 0, 0)
const FAR = 63

/** Knows one peer far away from the target, who knows everybody; asks three at a time */
function given (init: GoClientInit = {}, networkInit: SmallNetworkInit = {}): { network: SmallNetwork, client: GoClient, closest: number[] } {
  const network = new SmallNetwork(networkInit)
  const client = new GoClient(network.components, { alpha: 3, ...init })

  client.buckets.add(FAR, 0, false)

  return { network, client, closest: network.closest(TARGET, network.components.k) }
}

describe('GoClient', () => {
  test('ends its walk when the three closest have answered, and then asks the rest of the k closest at once', () => {
    const { network, client, closest } = given()
    const { result, timeMs, queries } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))

    expect(result.closest).toEqual(closest)
    expect(network.asked).toEqual([
      { node: FAR, atMs: 0 },
      ...closest.slice(0, 3).map(node => ({ node, atMs: 500 })),
      // the first two of the three answers free slots, whose dials the third gives up
      ...closest.slice(3, 5).map(node => ({ node, atMs: 1_000 })),
      ...closest.slice(3).map(node => ({ node, atMs: 1_000 }))
    ])
    expect(timeMs).toBe(1_500)
    expect(queries).toBe(11)
    expect(network.isQuiet).toBe(true)
  })

  test('takes one round trip a step where it is connected', () => {
    const { network, client, closest } = given()

    network.connect(FAR, ...closest)

    // the far one, the three closest, the rest
    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(300)
  })

  test('waits five seconds for a silent peer among the k closest', () => {
    const { network, client, closest } = given()

    network.leave('silent', closest[5])

    const { result, timeMs } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))

    expect(timeMs).toBe(1_000 + 5_000)
    expect(result.closest).toEqual(closest.filter(node => node !== closest[5]))
    expect(network.isQuiet).toBe(true)
  })

  test('waits fifteen seconds for a peer that accepts and says nothing more', () => {
    const { network, client, closest } = given()

    network.leave('stalls', closest[5])

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(1_000 + 15_000)
  })

  test('waits a minute for it by the rules of 2022', () => {
    const { network, client, closest } = given({ limits: GO_LIMITS_2022 })

    network.leave('stalls', closest[5])

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(1_000 + 60_000)
  })

  test('loses no time with a peer that refuses', () => {
    const { network, client, closest } = given()

    network.leave('refuses', closest[5])

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(1_500)
  })

  test('evicts a peer that does not answer to the walk, and keeps one that does not answer to the follow-up', () => {
    const { network, client, closest } = given()

    closest.forEach(node => { client.buckets.add(node, 0, false) })
    network.leave('refuses', closest[0], closest[7])
    network.run(client, (client, done) => client.closestPeers(TARGET, done))

    expect(client.buckets.get(closest[0])).toBeUndefined()
    expect(network.asked.some(({ node }) => node === closest[7])).toBe(true)
    expect(client.buckets.get(closest[7])).toBeDefined()
  })

  test('adds those that answer while their buckets have room', () => {
    const { network, client } = given({}, { k: 4 })

    network.run(client, (client, done) => client.closestPeers(TARGET, done))
    network.run(client, (client, done) => client.closestPeers(Uint8Array.of(64, 0, 0, 0), done))

    // the peers around both targets share no bit with the client: one bucket of four
    expect(client.buckets.entriesOf(0)).toHaveLength(4)
    expect(client.buckets.size).toBe(5)
  })

  test('does not dial a peer that has just failed, and does so again later', () => {
    const { network, client, closest } = given()

    network.leave('silent', closest[5])
    network.run(client, (client, done) => client.closestPeers(TARGET, done))

    const soon = network.run(client, (client, done) => client.closestPeers(TARGET, done))
    network.pass(5_000)
    const later = network.run(client, (client, done) => client.closestPeers(TARGET, done))

    // the three closest, the rest
    expect(soon.timeMs).toBe(200)
    expect(soon.asked).not.toContain(closest[5])
    expect(soon.queries).toBe(soon.asked.length)
    expect(later.timeMs).toBe(100 + 5_000)
    expect(later.asked).toContain(closest[5])
  })

  test.each([
    // 500 for the first, 100 for the three closest, the slow one asked again
    { name: 'gives up', limits: GO_LIMITS_2025, timeMs: 500 + 100 + (100 + SLOW_MS) },
    // 500 for the first, the slow one twice
    { name: 'waits for, by the rules of 2026,', limits: GO_LIMITS_2026, timeMs: 500 + 2 * (100 + SLOW_MS) }
  ])('$name a request under way when the walk ends, and asks again for the follow-up', ({ limits, timeMs }) => {
    const { network, client, closest } = given({ alpha: 4, limits })

    network.habits.set(closest[3], 'slow')
    network.connect(...closest)

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(timeMs)
    expect(network.asked.filter(({ node }) => node === closest[3])).toHaveLength(2)
  })

  test('gives up a dial under way when the walk ends, and dials again for the follow-up', () => {
    const { network, client, closest } = given({ alpha: 4 })

    network.leave('silent', closest[3])

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(1_000 + 5_000)
    expect(network.asked.filter(({ node }) => node === closest[3]).map(({ atMs }) => atMs)).toEqual([500, 1_000])
  })

  test('ends with nobody when it knows nobody', () => {
    const network = new SmallNetwork()
    const client = new GoClient(network.components)

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done))).toMatchObject({ result: { closest: [] }, queries: 0 })
    expect(network.run(client, (client, done) => client.store(TARGET, false, done))).toMatchObject({ result: [], queries: 0 })
    expect(network.run(client, (client, done) => client.findHolder(TARGET, () => true, done))).toMatchObject({ result: false, queries: 0 })
  })

  test('finds a holder as soon as one answers, and asks nobody from then on', () => {
    const { network, client, closest } = given()
    const { result, timeMs, queries } = network.run(client, (client, done) => client.findHolder(TARGET, node => node === closest[0], done))

    expect(result).toBe(true)
    expect(timeMs).toBe(1_000)
    expect(queries).toBe(4)
    expect(network.isQuiet).toBe(true)
    expect(network.asked).toHaveLength(4)
  })

  test('finds a holder that only the follow-up asks, and none where there is none', () => {
    const { network, client, closest } = given()

    expect(network.run(client, (client, done) => client.findHolder(TARGET, node => node === closest[7], done))).toMatchObject({ result: true, timeMs: 1_500 })
    expect(network.run(client, (client, done) => client.findHolder(TARGET, () => false, done))).toMatchObject({ result: false })
  })

  test('sends provider records to the k closest and waits for nothing but the sending', () => {
    const { network, client, closest } = given()
    const { result, timeMs, queries } = network.run(client, (client, done) => client.store(TARGET, false, done))

    expect(result).toEqual(closest)
    expect(timeMs).toBe(1_500)
    expect(queries).toBe(11 + 8)
  })

  test('waits for the answers to a value', () => {
    const { network, client, closest } = given()

    expect(network.run(client, (client, done) => client.store(TARGET, true, done))).toMatchObject({ result: closest, timeMs: 1_600 })
  })

  test('waits for all stores, those that fail included', () => {
    const { network, client, closest } = given()
    let left = false
    const { result, timeMs } = network.run<number[]>(client, (client, done) => {
      // it has answered, then its connection breaks
      network.clock.schedule(1_499, () => {
        left = true
        network.leave('silent', closest[0])
      })

      return client.store(TARGET, true, done)
    })

    expect(left).toBe(true)
    expect(timeMs).toBe(1_500 + 5_000)
    expect(result).toEqual(closest.slice(1))
    expect(network.isQuiet).toBe(true)
  })

  test('reports nothing of an operation that was cancelled, and goes on with none of it', () => {
    const { network, client } = given()
    const results: unknown[] = []
    const operations = [
      client.closestPeers(TARGET, result => { results.push(result) }),
      client.store(TARGET, true, result => { results.push(result) }),
      client.findHolder(TARGET, () => true, result => { results.push(result) })
    ]

    network.pass(400)
    operations.forEach(operation => { operation.cancel() })

    expect(network.isQuiet).toBe(true)
    expect(results).toEqual([])
  })

  describe('providing optimistically', () => {
    /** It has looked up enough to know how many there are, and one of the k closest is silent */
    function givenEstimate (optimisticProvide: boolean): ReturnType<typeof given> {
      const setting = given({ optimisticProvide }, { size: 256, k: 20 })

      for (let i = 0; i < 6; i++) {
        setting.network.run(setting.client, (client, done) => client.closestPeers(Uint8Array.of(i * 40 + 20, 0, 0, 0), done))
      }

      setting.network.leave('silent', setting.closest[12])

      return setting
    }

    test('returns after three quarters of the stores', () => {
      const patient = givenEstimate(false)
      const optimistic = givenEstimate(true)
      const slow = patient.network.run<number[]>(patient.client, (client, done) => client.store(TARGET, false, done))
      const fast = optimistic.network.run<number[]>(optimistic.client, (client, done) => client.store(TARGET, false, done))

      expect(slow.timeMs).toBeGreaterThan(5_000)
      expect(slow.result).toHaveLength(19)
      expect(fast.timeMs).toBeLessThan(2_000)
      expect(fast.result.length).toBeGreaterThanOrEqual(15)
      expect(optimistic.closest).toEqual(expect.arrayContaining(fast.result))
      // the rest goes on
      expect(optimistic.network.pending).toBeGreaterThan(0)
    })

    test('tells of each holder as it comes to hold the record', () => {
      const { network, client } = givenEstimate(true)
      const told: number[] = []
      const settled: number[][] = []
      const { result } = network.run<number[]>(client, (client, done) => client.store(TARGET, false, done, holders => { settled.push(holders) }, node => { told.push(node) }))

      expect(told).toEqual(expect.arrayContaining(result))
      network.pass(60_000)
      expect(settled.map(holders => holders.toSorted((a, b) => a - b))).toEqual([told.toSorted((a, b) => a - b)])
    })

    test('does so for provider records only', () => {
      const { network, client } = givenEstimate(true)

      expect(network.run(client, (client, done) => client.store(TARGET, true, done)).timeMs).toBeGreaterThan(5_000)
    })
  })

  describe('keeping its table', () => {
    const bootstrap = [10, 20, 30]

    test('begins with two of the bootstrap peers and finds the rest by itself', () => {
      const network = new SmallNetwork({ bootstrap, k: 20 })
      const client = new GoClient(network.components)

      client.start()
      network.pass(60_000)

      expect(network.asked.slice(0, 2).every(({ node }) => bootstrap.includes(node))).toBe(true)
      // 32 share no bit with it, 16 one, 8 two and so on: a full bucket and all others whole
      expect(client.buckets.entriesOf(0)).toHaveLength(20)
      expect([1, 2, 3, 4, 5].map(bucket => client.buckets.entriesOf(bucket).length)).toEqual([16, 8, 4, 2, 1])
    })

    test('tries the bootstrap peers again later when none of them answers', () => {
      const network = new SmallNetwork({ bootstrap, k: 20 })
      const client = new GoClient(network.components)

      network.leave('silent', ...bootstrap)
      client.start()
      network.pass(60_000)
      bootstrap.forEach(node => { network.join(node) })

      expect(client.buckets.size).toBe(0)

      network.pass(120_000)

      expect(client.buckets.size).toBeGreaterThan(30)
    })

    test('evicts a silent peer that no lookup asks once it was not heard of for the grace period', () => {
      const network = new SmallNetwork({ bootstrap, k: 20 })
      const client = new GoClient(network.components)

      client.start()
      network.pass(60_000)
      network.leave('silent', ...Array.from({ length: 64 }, (_, node) => node))
      network.pass(60 * 60_000)

      expect(client.buckets.size).toBe(0)
    })

    test('pings those that it has not heard of for the grace period, before it looks anything up', () => {
      const network = new SmallNetwork({ bootstrap })
      // as many as k: the grace period is ten minutes
      const client = new GoClient(network.components, { alpha: 8 })

      client.start()
      network.pass(1_190_000)

      const { result: { closest } } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))
      const heard = client.buckets.entries().filter(({ answeredAtMs }) => answeredAtMs > 1_190_000).map(({ node }) => node)
      const silent = client.buckets.entries().filter(({ answeredAtMs }) => answeredAtMs < 600_000).map(({ node }) => node)

      network.leave('silent', silent[0])
      network.asked.length = 0
      network.pass(1_204_999 - network.clock.now)

      expect(closest).toHaveLength(8)
      expect(heard.length).toBeGreaterThan(0)
      expect(network.asked.map(({ node }) => node).filter(node => heard.includes(node))).toEqual([])
      expect(network.asked.map(({ node }) => node)).toEqual(silent)
      network.pass(1)
      expect(client.buckets.get(silent[0])).toBeUndefined()
    })

    test('lets others replace those that came first, until a minute after its second refresh', () => {
      const network = new SmallNetwork({ bootstrap, k: 20 })
      const client = new GoClient(network.components)
      const replaceable = (): number => client.buckets.entries().filter(({ replaceable }) => replaceable).length

      client.start()
      network.pass(10_000)
      expect(replaceable()).toBeGreaterThan(0)
      network.pass(200_000)
      expect(replaceable()).toBe(0)
    })

    test('looks itself up every ten minutes, and a key in each bucket that no lookup has refreshed within as many', () => {
      const network = new SmallNetwork({ bootstrap, k: 20 })
      const client = new GoClient(network.components)
      const askedAround = (ms: number): number => network.asked.filter(({ atMs }) => atMs >= ms && atMs < ms + 60_000).length

      client.start()
      network.pass(1_300_000)

      expect(askedAround(540_000)).toBe(0)
      expect(askedAround(600_000)).toBeGreaterThanOrEqual(20)
      expect(askedAround(600_000)).toBeLessThan(2 * 20)
      expect(askedAround(1_200_000)).toBeGreaterThanOrEqual(7 * 20)
    })
  })
})
