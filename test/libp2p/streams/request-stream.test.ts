import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import drain from 'it-drain'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, test, vi } from 'vitest'
import { named } from '../../conformance/named.ts'
import { ids, PROTOCOL, waitForTable } from '../../conformance/test-network.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet, outcomesOf, quietNode, request } from '../test-node.ts'
import type { ObservedNode, ScoredNode } from '../test-node.ts'

const KEY = new TextEncoder().encode('/test/key')
const LIMITS = [1, 2]

describe.each(LIMITS)('a server that allows one peer %d streams at a time', limit => {
  test('keeps the provider record of a node that has just looked it up', async () => {
    const { node, server, other } = await facing(limit)

    for (let i = 0; i < 5; i++) {
      const cid = await cidOf(`content ${i}`)
      await drain(node.dht.getClosestPeers(cid.multihash.bytes))
      await drain(node.dht.provide(cid))

      await vi.waitFor(async () => { expect(await providersAt(server, other, cid)).toEqual([node.node.peerId.toString()]) }, { timeout: 5_000 })
    }
  })

  test('keeps the value of a node that has just looked it up', async () => {
    const { node, server } = await facing(limit)
    await drain(node.dht.getClosestPeers(KEY))
    const events = await all(node.dht.put(KEY, Uint8Array.of(7)))

    expect(named(events as never[], 'QUERY_ERROR')).toEqual([])
    expect((await server.dht.contentFetching.getLocal(KEY)).value).toEqual(Uint8Array.of(7))
  })

  test('is found by each of eight lookups at a time, and stays good', async () => {
    const { node, server } = await facing(limit)
    const lookups = await Promise.all(Array.from({ length: 8 }, async (_, i) => all(node.dht.getClosestPeers(new TextEncoder().encode(`/test/${i}`)))))

    expect(lookups.map(events => ids(named(events, 'FINAL_PEER').map(({ peer }) => peer)))).toEqual(lookups.map(() => [server.node.peerId.toString()]))
    expect(outcomesOf(node, server.node.peerId).last).toBe('responded')
    expect(node.dht.scores.get(server.node.peerId).class).toBe('good')
  })

  test('answers a ping and a lookup at the same time', async () => {
    const { node, server } = await facing(limit)
    const [events] = await Promise.all([all(node.dht.getClosestPeers(KEY)), node.node.services.ping.ping(server.node.peerId)])

    expect(named(events, 'FINAL_PEER')).toHaveLength(1)
  })
})

describe('a request that waits for another to the same peer', () => {
  test('goes out when that one is given up', async () => {
    const { node, server } = await facing(1)
    const controller = new AbortController()
    const held = Promise.withResolvers<void>()
    // the first request is never answered
    const getClosestPeersOffline = server.dht.peerRouting.getClosestPeersOffline.bind(server.dht.peerRouting)
    server.dht.peerRouting.getClosestPeersOffline = async (...args) => {
      await held.promise

      return getClosestPeersOffline(...args)
    }

    const first = all(request(node.dht.network, server.node.peerId, { type: 'FIND_NODE', key: KEY }, { signal: controller.signal }))
    const second = all(request(node.dht.network, server.node.peerId, { type: 'FIND_NODE', key: KEY }))
    await new Promise(resolve => { setTimeout(resolve, 300) })
    controller.abort()
    held.resolve()

    expect((await first).at(-1)?.name).toBe('QUERY_ERROR')
    expect((await second).at(-1)?.name).toBe('PEER_RESPONSE')
  })
})

describe('a stream', () => {
  test('serves one request and is closed then', async () => {
    const node = await countingNode()
    const peer = await scriptedPeer()
    await meet(node, peer)

    for (let i = 0; i < 3; i++) {
      await drain(request(node.dht.network, peer.peerId, { type: 'FIND_NODE', key: KEY }))
    }

    const [connection] = node.node.getConnections(peer.peerId)

    // the peer never ends its side
    await vi.waitFor(() => { expect(connection.streams.filter(({ protocol }) => protocol === PROTOCOL)).toEqual([]) }, { timeout: 5_000 })
    expect(peer.requests.length).toBe(3)
    expect(peer.streams).toBe(3)
  })
})

/** A node that knows a stock server with such a limit, and another stock node that knows it */
async function facing (maxInboundStreams: number): Promise<{ node: ScoredNode, server: Server, other: ObservedNode }> {
  const server = await quietNode(kadDHT, { clientMode: false, maxInboundStreams }) as Server
  const other = await quietNode(kadDHT)
  // without an address a server keeps no provider record
  const node = await countingNode()

  for (const { node: client } of [node, other]) {
    await client.dial(server.node.getMultiaddrs())
    await waitForTable(client, 1)
  }

  return { node, server, other }
}

/** Which providers a server names to another node */
async function providersAt (server: ObservedNode, other: ObservedNode, cid: CID): Promise<string[]> {
  const events = await all(request(other.dht.network, server.node.peerId, { type: 'GET_PROVIDERS', key: cid.multihash.bytes }))

  return ids(named(events, 'PEER_RESPONSE').flatMap(({ providers }) => providers))
}

async function cidOf (text: string): Promise<CID> {
  return CID.createV1(0x55, await sha256.digest(new TextEncoder().encode(text)))
}

interface Server extends ObservedNode {
  dht: ObservedNode['dht'] & {
    peerRouting: { getClosestPeersOffline: (...args: unknown[]) => Promise<unknown[]> }
    contentFetching: { getLocal: (key: Uint8Array) => Promise<{ value: Uint8Array }> }
  }
}
