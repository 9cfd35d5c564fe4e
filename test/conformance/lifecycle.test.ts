import { Record as DHTRecord } from '@libp2p/kad-dht'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import all from 'it-all'
import { toString } from 'uint8arrays/to-string'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { IMPLEMENTATIONS } from './implementations.ts'
import { named } from './named.ts'
import { ids, PROTOCOL, TestNetwork, waitForTable } from './test-network.ts'
import type { TestNode } from './test-network.ts'
import type { PeerId } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

const KEY = new TextEncoder().encode('/test/key')

describe.each(IMPLEMENTATIONS)('the life of %s', (_, factory) => {
  let network: TestNetwork

  beforeEach(() => {
    network = new TestNetwork(factory)
  })

  afterEach(async () => {
    await network.stop()
  })

  test('a query on an empty table waits for the first peer', async () => {
    await network.start(2)
    const node = await network.createNode({ clientMode: true })
    const events: QueryEvent[] = []
    const query = (async () => {
      for await (const event of node.services.dht.getClosestPeers(KEY)) {
        events.push(event)
      }
    })()

    await pause(200)
    expect(events).toEqual([])
    await node.dial(network.servers[0].getMultiaddrs())
    await query
    expect(ids(named(events, 'FINAL_PEER').map(({ peer }) => peer))).toContain(network.servers[0].peerId.toString())
  })

  test('with allowQueryWithZeroPeers a query on an empty table ends at once', async () => {
    const node = await network.createNode({ clientMode: true, allowQueryWithZeroPeers: true })

    await expect(all(node.services.dht.getClosestPeers(KEY))).resolves.toEqual([])
    await expect(all(node.services.dht.get(KEY))).resolves.toEqual([])
    await expect(all(node.services.dht.findPeer(node.peerId, { useCache: false }))).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  test('a query with a signal that is aborted already sends nothing and throws', async () => {
    await network.start(2)
    const node = await network.join()
    const events: QueryEvent[] = []

    await expect((async () => {
      for await (const event of node.services.dht.getClosestPeers(KEY, { signal: AbortSignal.abort() })) {
        events.push(event)
      }
    })()).rejects.toMatchObject({ name: 'AbortError' })
    expect(named(events, 'SEND_QUERY')).toEqual([])
  })

  test('an abort in the middle ends the query, and its requests', async () => {
    const { node, stalling } = await stalledNetwork()
    const controller = new AbortController()
    const asked: PeerId[] = []

    await expect((async () => {
      for await (const event of node.services.dht.getClosestPeers(KEY, { signal: controller.signal })) {
        if (event.name === 'SEND_QUERY' && event.to.equals(stalling)) {
          asked.push(event.to)
          controller.abort()
        }
      }
    })()).rejects.toMatchObject({ name: 'AbortError' })
    expect(asked).toHaveLength(1)
    await noStreamsLeft(node)
  })

  test('breaking out of the loop ends its requests', async () => {
    const { node, stalling } = await stalledNetwork()
    let asked = false

    for await (const event of node.services.dht.getClosestPeers(KEY)) {
      if (event.name === 'SEND_QUERY' && event.to.equals(stalling)) {
        asked = true
        break
      }
    }

    expect(asked).toBe(true)
    await noStreamsLeft(node)
  })

  test('a peer that never answers does not end the query, and is not among its results', async () => {
    const { node, stalling } = await stalledNetwork({ networkDialTimeout: { maxTimeout: 500 } })
    const events = await all(node.services.dht.getClosestPeers(KEY))

    expect(ids(named(events, 'FINAL_PEER').map(({ peer }) => peer))).toEqual(ids(network.servers))
    expect(ids(named(events, 'SEND_QUERY').map(({ to }) => to))).toContain(stalling.toString())
  })

  test('stop ends a running query without an error', async () => {
    const { node, stalling } = await stalledNetwork()
    const events: QueryEvent[] = []

    for await (const event of node.services.dht.getClosestPeers(KEY)) {
      events.push(event)

      if (event.name === 'SEND_QUERY' && event.to.equals(stalling)) {
        await node.stop()
      }
    }

    expect(named(events, 'FINAL_PEER').length).toBeLessThanOrEqual(network.servers.length)
    expect(node.status).toBe('stopped')
  })

  test('a query on a stopped node throws', async () => {
    await network.start(2)
    const node = await network.join()
    await node.stop()

    await expect(all(node.services.dht.getClosestPeers(KEY))).rejects.toThrow()
  })

  test('works again after a restart', async () => {
    await network.start(3)
    const node = await network.join()
    await all(node.services.dht.put(KEY, Uint8Array.of(1)))

    await node.stop()
    await node.start()
    await Promise.all(network.servers.map(async server => node.dial(server.getMultiaddrs())))
    await waitForTable(node, 3)

    const found = await all(node.services.dht.getClosestPeers(KEY))
    expect(ids(named(found, 'FINAL_PEER').map(({ peer }) => peer))).toEqual(ids(network.servers))
    expect((await all(node.services.dht.get(KEY))).at(-1)).toMatchObject({ name: 'VALUE', value: { 0: 1 } })
  })

  test('get chooses by the selector and corrects the holder of a stale value', async () => {
    await network.start(4)
    const staleDatastore = new MemoryDatastore()
    const stale = await network.join({ clientMode: false }, network.servers, { datastore: staleDatastore })
    const recordKey = new Key(`/dht/record/${toString(KEY, 'base32')}`, false)

    await all(network.servers[0].services.dht.put(KEY, Uint8Array.of(9)))
    await staleDatastore.put(recordKey, new DHTRecord(KEY, Uint8Array.of(1), new Date()).serialize())

    const reader = await network.join({}, [...network.servers, stale])
    expect((await all(reader.services.dht.get(KEY))).at(-1)).toMatchObject({ name: 'VALUE', value: { 0: 9 } })
    await vi.waitFor(async () => expect(DHTRecord.deserialize(await staleDatastore.get(recordKey)).value[0]).toBe(9))
  })

  async function stalledNetwork (init = {}): Promise<{ node: TestNode, stalling: PeerId }> {
    await network.start(3)
    const node = await network.join(init)
    const { peerId } = await network.addStallingPeer(node)

    return { node, stalling: peerId }
  }
})

async function noStreamsLeft (node: TestNode): Promise<void> {
  await vi.waitFor(() => {
    const streams = node.getConnections().flatMap(({ streams }) => streams).filter(({ protocol, direction }) => protocol === PROTOCOL && direction === 'outbound')
    expect(streams).toEqual([])
  }, { timeout: 2_000 })
}

async function pause (ms: number): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, ms) })
}
