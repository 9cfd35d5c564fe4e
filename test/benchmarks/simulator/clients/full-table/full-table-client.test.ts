import { describe, expect, test } from 'vitest'
import { FullTableClient } from '../../../../../benchmarks/simulator/clients/full-table/full-table-client.ts'
import { SmallNetwork } from '../small-network.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'

const TARGET: KadId = Uint8Array.of(1, 0, 0, 0)

/** One that has crawled a network of 64 */
function given (before: (network: SmallNetwork) => void = () => {}): { network: SmallNetwork, client: FullTableClient, closest: number[] } {
  const network = new SmallNetwork()
  const client = new FullTableClient(network.components)

  before(network)
  client.start()

  return { network, client, closest: network.closest(TARGET, 8) }
}

describe('FullTableClient', () => {
  test('asks exactly the k closest, at once', () => {
    const { network, client, closest } = given()

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done))).toEqual({
      result: { closest },
      timeMs: 500,
      queries: 8,
      asked: closest
    })
  })

  test('leaves out whoever its crawl did not find', () => {
    const [offline, unreachable, relayed, slow, ...others] = new SmallNetwork().closest(TARGET, 12)
    const { network, client } = given(network => {
      network.leave('silent', offline)
      network.reaches.set(unreachable, 'unreachable')
      network.reaches.set(relayed, 'relayed')
      network.habits.set(slow, 'slow')
    })

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).asked).toEqual(others)
  })

  test('waits five seconds for one that left after the crawl, until the next crawl', () => {
    const { network, client, closest } = given()

    network.leave('stalls', closest[2])

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done))).toMatchObject({
      result: { closest: closest.filter(node => node !== closest[2]) },
      timeMs: 5_000
    })

    network.pass(3_600_000)

    const { asked } = network.run(client, (client, done) => client.closestPeers(TARGET, done))

    expect(asked).toHaveLength(8)
    expect(asked).not.toContain(closest[2])
  })

  test('counts its crawls, and sixteen requests for each node that a crawl finds', () => {
    const { network, client } = given(network => { network.leave('silent', 0, 1, 2, 3) })

    expect(client.crawls).toBe(1)
    expect(client.crawlMessages).toBe(60 * 16)
    expect(client.crawlDials).toBe(60)

    network.pass(3_600_000)

    expect(client.crawls).toBe(2)
    expect(client.crawlMessages).toBe(2 * 60 * 16)
  })

  test('is content when successes and all ends make up the k closest', () => {
    const { network, client, closest } = given()

    network.leave('silent', ...closest.slice(0, 4))

    const { result, timeMs } = network.run<number[]>(client, (client, done) => client.store(TARGET, true, done))

    // four answers, four ends; the silent ones are given up
    expect(timeMs).toBe(500)
    expect(result).toEqual(closest.slice(4))
    expect(network.asked).toHaveLength(8)
  })

  test('waits half a second for the next success after the first few', () => {
    const { network, client, closest } = given()

    network.leave('silent', ...closest.slice(0, 6))

    expect(network.run(client, (client, done) => client.store(TARGET, true, done))).toMatchObject({ result: closest.slice(6), timeMs: 1_000 })
  })

  test('waits as long again when there was one', () => {
    const { network, client, closest } = given()

    network.leave('silent', ...closest.slice(0, 5))
    network.connect(closest[5], closest[6])

    // two answers after 100 ms; the third after 500
    expect(network.run(client, (client, done) => client.store(TARGET, true, done))).toMatchObject({ result: closest.slice(5), timeMs: 100 + 2 * 500 })
  })

  test('waits five seconds where hardly anybody answers', () => {
    const { network, client, closest } = given()

    network.leave('silent', ...closest.slice(0, 7))

    expect(network.run(client, (client, done) => client.store(TARGET, true, done))).toMatchObject({ result: [closest[7]], timeMs: 5_000 })
  })

  test('is done with the first holder', () => {
    const { network, client, closest } = given()

    network.leave('silent', closest[0])

    expect(network.run(client, (client, done) => client.findHolder(TARGET, node => node === closest[1], done))).toMatchObject({ result: true, timeMs: 500 })
    expect(network.run(client, (client, done) => client.findHolder(TARGET, () => false, done))).toMatchObject({ result: false })
  })

  test('finds nobody before its first crawl', () => {
    const network = new SmallNetwork()
    const client = new FullTableClient(network.components)

    expect(network.run(client, (client, done) => client.store(TARGET, true, done))).toMatchObject({ result: [], queries: 0 })
    expect(network.isQuiet).toBe(true)
  })

  test('reports nothing once it is cancelled', () => {
    const network = new SmallNetwork()
    const client = new FullTableClient(network.components)
    const results: unknown[] = []

    client.start()
    client.store(TARGET, true, result => { results.push(result) }).cancel()
    client.closestPeers(TARGET, result => { results.push(result) }).cancel()
    network.pass(60_000)

    expect(results).toEqual([])
  })
})
