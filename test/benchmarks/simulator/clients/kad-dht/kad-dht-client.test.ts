import { describe, expect, test } from 'vitest'
import { KadDHTClient } from '../../../../../benchmarks/simulator/clients/kad-dht/kad-dht-client.ts'
import { SmallNetwork } from '../small-network.ts'
import type { KadDHTClientInit } from '../../../../../benchmarks/simulator/clients/kad-dht/kad-dht-client.ts'
import type { SmallNetworkInit } from '../small-network.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'

const TARGET: KadId = Uint8Array.of(1, 0, 0, 0)
const FIRST_SELF_QUERY_MS = 1_000

/** One that has bootstrapped, knows a few and has lost its connections */
function given (init: KadDHTClientInit = {}, networkInit: SmallNetworkInit = {}): { network: SmallNetwork, client: KadDHTClient, closest: number[] } {
  const network = new SmallNetwork({ bootstrap: [63], ...networkInit })
  const client = new KadDHTClient(network.components, { introductions: false, ...init })

  client.start()
  network.pass(60_000)
  client.buckets.entries().forEach(({ node }) => { client.buckets.remove(node) })
  client.buckets.add(63, network.clock.now, false)
  network.components.connections.closeAll()
  network.asked.length = 0

  return { network, client, closest: network.closest(TARGET, network.components.k) }
}

describe('KadDHTClient', () => {
  test('finds the k closest that answer', () => {
    const { network, client, closest } = given()
    const { result, timeMs } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))

    expect(result.closest).toEqual(closest)
    expect(timeMs).toBe(1_000)
  })

  test('waits for its time-out, which grows, when one of them is silent', () => {
    const { network, client, closest } = given()

    network.leave('silent', closest[5])

    const first = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))
    const second = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))

    expect(first.timeMs).toBe(500 + 5_000)
    expect(first.result.closest).toEqual([...closest.filter(node => node !== closest[5]), 63])
    // asked again as if nothing had happened; the address's own limit comes first now
    expect(second.asked).toContain(closest[5])
    expect(second.timeMs).toBeGreaterThan(6_000)
  })

  test('keeps a peer in its table that does not answer', () => {
    const { network, client, closest } = given()

    client.buckets.add(closest[0], network.clock.now, false)
    network.leave('refuses', closest[0])
    network.run(client, (client, done) => client.closestPeers(TARGET, done))
    network.pass(10_000)

    expect(network.asked.some(({ node }) => node === closest[0])).toBe(true)
    expect(client.buckets.get(closest[0])).toBeDefined()
  })

  test('follows only peers that are closer than who named them', () => {
    const target = Uint8Array.of(0, 0, 0, 0)
    // the closest peer names everybody, the others nobody
    const { network, client } = given({}, { knows: node => node === 0 ? Array.from({ length: 64 }, (_, node) => node) : [0] })
    const { result } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(target, done))

    expect(result.closest).toEqual([0, 63])
  })

  test('deals its seeds out to so many paths, each of which has its own slots', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
    const knows = (): number[] => []
    const single = given({ alpha: 1, disjointPaths: 1 }, { knows })
    const disjoint = given({ alpha: 1, disjointPaths: 4 }, { knows })

    for (const { network, client } of [single, disjoint]) {
      client.buckets.remove(63)
      seeds.forEach(node => { client.buckets.add(node, network.clock.now, false) })
    }

    expect(single.network.run(single.client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(8 * 500)
    expect(disjoint.network.run(disjoint.client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(2 * 500)
  })

  test('asks no peer twice, whichever path hears of it', () => {
    const { network, client } = given()

    for (const node of [8, 16, 24, 32, 40, 48]) {
      client.buckets.add(node, network.clock.now, false)
    }

    // its pings for the table come when the answer has come
    const { asked, queries } = network.run(client, (client, done) => client.closestPeers(TARGET, done))
    const connected = asked.filter((node, index) => asked.indexOf(node) === index)

    expect(queries).toBe(connected.length)
  })

  test('is done with the first holder and gives up the rest', () => {
    const { network, client, closest } = given()

    network.leave('silent', closest[5])

    expect(network.run(client, (client, done) => client.findHolder(TARGET, node => node === closest[0], done))).toMatchObject({ result: true, timeMs: 1_000 })
    expect(network.run(client, (client, done) => client.findHolder(TARGET, () => false, done))).toMatchObject({ result: false })
  })

  test('asks nobody once a holder is found', () => {
    const { network, client } = given()

    expect(network.run(client, (client, done) => client.findHolder(TARGET, node => node === 63, done)).result).toBe(true)

    network.pass(60_000)
    expect(new Set(network.asked.map(({ node }) => node))).toEqual(new Set([63]))
  })

  test('takes what is given up for a failure, so that its time-out grows', () => {
    const { network, client, closest } = given()

    network.leave('silent', closest[5])

    const operation = client.closestPeers(TARGET, () => {})

    network.pass(5_400)
    operation.cancel()

    // all others are connected: a stream and an answer for the first; the address's own limit for the silent one
    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(200 + 6_000)
  })

  test('stores when its whole lookup is over, with ten at a time', () => {
    const { network, client, closest } = given({}, { k: 12 })
    const { result, timeMs } = network.run<number[]>(client, (client, done) => client.store(TARGET, true, done))

    expect(result.toSorted((a, b) => a - b)).toEqual(closest.toSorted((a, b) => a - b))
    // three rounds of dials, as a path has ten slots; then two of a stream and an answer each
    expect(timeMs).toBe(3 * 500 + 2 * 200)
  })

  test('settles the stream of a provider record, and waits for no answer', () => {
    const { network, client, closest } = given()

    expect(network.run(client, (client, done) => client.store(TARGET, false, done))).toMatchObject({ result: closest, timeMs: 1_000 + 100 })
  })

  test('gives up after three minutes, with nothing', () => {
    const network = new SmallNetwork({ bootstrap: [1] })
    const client = new KadDHTClient(network.components)

    network.leave('silent', 1)
    client.start()

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done))).toMatchObject({ result: { closest: [] }, timeMs: 180_000 })
  })

  test('reports nothing of an operation that was cancelled, waiting or running', () => {
    const network = new SmallNetwork({ bootstrap: [63] })
    const client = new KadDHTClient(network.components)
    const results: unknown[] = []
    const waiting = client.closestPeers(TARGET, result => { results.push(result) })

    waiting.cancel()
    client.start()
    network.pass(60_000)

    const running = client.store(TARGET, true, result => { results.push(result) })

    network.pass(150)
    running.cancel()
    network.pass(400_000)

    expect(running.queries).toBeGreaterThan(0)
    expect(results).toEqual([])
  })

  describe('starting', () => {
    test('lets operations wait for the first self-query, which ends before it has asked everybody', () => {
      const network = new SmallNetwork({ bootstrap: [40, 41, 42], k: 20 })
      const client = new KadDHTClient(network.components, { introductions: false })

      // to the end, the self-query would take five seconds
      network.leave('silent', network.closest(network.components.kadId)[0])
      client.start()

      const { timeMs, result } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))

      expect(result.closest).toHaveLength(20)
      // the bootstrap peers are pinged, then a step or two of the self-query, then its own lookup
      expect(timeMs).toBeGreaterThan(FIRST_SELF_QUERY_MS + 500 + 500)
      expect(timeMs).toBeLessThan(FIRST_SELF_QUERY_MS + 3_000)
    })

    test('asks nobody for an operation before the first self-query', () => {
      const network = new SmallNetwork()
      const client = new KadDHTClient(network.components, { introductions: false })

      client.buckets.add(63, 0, false)
      client.start()
      client.closestPeers(TARGET, () => {})
      network.pass(FIRST_SELF_QUERY_MS - 1)
      expect(network.asked).toEqual([])
      network.pass(10_000)
      expect(network.asked.map(({ node }) => node)).toContain(network.closest(TARGET)[0])
    })

    test('looks itself up every five minutes', () => {
      const network = new SmallNetwork({ bootstrap: [1] })
      const client = new KadDHTClient(network.components, { introductions: false })

      client.start()
      network.pass(290_000)
      const before = network.asked.length
      network.pass(20_000)

      expect(network.asked.length).toBeGreaterThan(before)
    })
  })

  describe('filling its table', () => {
    test('pings everybody who is named, and adds those that answer', () => {
      const network = new SmallNetwork({ bootstrap: [1], k: 20 })
      const client = new KadDHTClient(network.components)
      const dead = network.closest(TARGET, 3)[2]

      network.leave('silent', dead)
      client.start()
      network.run(client, (client, done) => client.closestPeers(TARGET, done))
      network.pass(60_000)

      expect(client.buckets.get(dead)).toBeUndefined()
      expect(network.closest(TARGET, 20).filter(node => client.buckets.get(node) === undefined)).toEqual([dead])
    })

    test('lets a named peer in for an old one that does not answer', () => {
      // 256 nodes: four to each of its 64 buckets, which hold two
      const network = new SmallNetwork({ size: 256, bootstrap: [0], k: 2 })
      const client = new KadDHTClient(network.components)
      const [first, second] = [4, 5]

      client.start()
      network.pass(10_000)
      client.buckets.add(first, network.clock.now, false)
      client.buckets.add(second, network.clock.now, false)
      network.leave('silent', first)

      const lookUp = (): void => {
        network.run(client, (client, done) => client.closestPeers(Uint8Array.of(6, 0, 0, 0), done))
        network.pass(30_000)
      }

      lookUp()
      expect(client.buckets.get(first)).toBeDefined()

      network.pass(600_000)
      lookUp()
      expect(client.buckets.get(first)).toBeUndefined()
      expect(client.buckets.entriesOf(1)).toHaveLength(2)
    })
  })
})
