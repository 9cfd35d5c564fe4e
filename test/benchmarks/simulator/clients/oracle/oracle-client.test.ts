import { describe, expect, test } from 'vitest'
import { OracleClient } from '../../../../../benchmarks/simulator/clients/oracle/oracle-client.ts'
import { RTT_MS, SLOW_MS, SmallNetwork } from '../small-network.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'

const TARGET: KadId = Uint8Array.of(1, 0, 0, 0)

describe('OracleClient', () => {
  test('asks the k closest at once, and takes a dial', () => {
    const network = new SmallNetwork()
    const client = new OracleClient(network.components)

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done))).toEqual({
      result: { closest: network.closest(TARGET, 8) },
      timeMs: 500,
      queries: 8,
      asked: network.closest(TARGET, 8)
    })
    expect(network.isQuiet).toBe(true)
  })

  test('takes one round trip when it is connected', () => {
    const network = new SmallNetwork()
    const client = new OracleClient(network.components)

    network.connect(...network.closest(TARGET, 8))

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done)).timeMs).toBe(RTT_MS)
  })

  test('asks nobody who is offline or cannot be dialled', () => {
    const network = new SmallNetwork()
    const client = new OracleClient(network.components)
    const [offline, unreachable, ...others] = network.closest(TARGET, 10)

    network.leave('silent', offline)
    network.reaches.set(unreachable, 'unreachable')
    network.reaches.set(others[0], 'relayed')

    expect(network.run(client, (client, done) => client.closestPeers(TARGET, done))).toMatchObject({ result: { closest: others }, asked: others })
  })

  test('is done with the first holder', () => {
    const network = new SmallNetwork()
    const client = new OracleClient(network.components)
    const [slow, holder] = network.closest(TARGET)

    network.habits.set(slow, 'slow')

    expect(network.run(client, (client, done) => client.findHolder(TARGET, node => node === holder || node === slow, done))).toMatchObject({ result: true, timeMs: 500 })
    expect(network.isQuiet).toBe(true)
    expect(network.run(client, (client, done) => client.findHolder(TARGET, () => false, done))).toMatchObject({ result: false })
  })

  test('waits for all of them, answers to values included', () => {
    const network = new SmallNetwork()
    const client = new OracleClient(network.components)
    const closest = network.closest(TARGET, 8)

    network.habits.set(closest[7], 'slow')

    expect(network.run(client, (client, done) => client.store(TARGET, false, done))).toMatchObject({ result: closest, timeMs: 400 })
    expect(network.run(client, (client, done) => client.store(TARGET, true, done))).toMatchObject({ result: closest, timeMs: RTT_MS + SLOW_MS })
  })

  test('reports nothing once it is cancelled', () => {
    const network = new SmallNetwork()
    const results: unknown[] = []

    new OracleClient(network.components).closestPeers(TARGET, result => { results.push(result) }).cancel()

    expect(network.isQuiet).toBe(true)
    expect(results).toEqual([])
  })
})
