import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import all from 'it-all'
import drain from 'it-drain'
import { createLibp2p } from 'libp2p'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { kadDHTInternals } from '../../../src/kad-dht/internals.ts'
import { named } from '../../conformance/named.ts'
import { ids, testInit, waitForTable } from '../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../scripted-peer.ts'
import { BOTH, meet, quietNode, request } from '../test-node.ts'
import type { KadDHTFactory, TestNode } from '../../conformance/test-network.ts'
import type { ObservedNode } from '../test-node.ts'
import type { KadDHTComponents, KadDHTInit } from '@libp2p/kad-dht'
import type { Libp2p, Peer, PeerId } from '@libp2p/interface'

const KEY = new TextEncoder().encode('/test/key')

/** Identify pushes come a second late */
const WAIT = { timeout: 10_000 }

describe.each(Object.entries(BOTH))('with %s', (_, factory) => {
  test('a server that turned client is in no result from the next lookup on', async () => {
    const node = await quietNode(factory)
    const [turning, staying] = [await quietNode(kadDHT, { clientMode: false }), await quietNode(kadDHT, { clientMode: false })]

    for (const [i, { node: server }] of [turning, staying].entries()) {
      await node.node.dial(server.getMultiaddrs())
      await waitForTable(node.node, i + 1)
    }

    expect(await resultsOf(node)).toEqual(ids([turning.node.peerId, staying.node.peerId]))
    await turning.node.services.dht.setMode('client')

    for (let lookups = 0; lookups < 3; lookups++) {
      expect(await resultsOf(node)).toEqual(ids([staying.node.peerId]))
    }
  })
})

describe('a server with scores', () => {
  test('names all servers that it knows, and no client, though clients answer pings and others name them', async () => {
    const server = await quietNode(BOTH.scoredKadDHT, { clientMode: false, kBucketSize: 6 })
    const servers = await Promise.all(Array.from({ length: 6 }, async () => scriptedPeer()))
    const clients = await Promise.all(Array.from({ length: 6 }, async () => client(server)))
    const closer = clients.map(other => entryOf(other.peerId, other.getMultiaddrs()))
    servers.forEach(peer => { peer.script = () => ({ closer }) })

    // they are identified
    await Promise.all(clients.map(async other => vi.waitFor(async () => {
      expect(isIdentified(await server.node.peerStore.get(other.peerId))).toBe(true)
    }, WAIT)))
    await meet(server, servers[0])
    await drain(request(server.dht.network, servers[0].peerId, { type: 'FIND_NODE', key: KEY }))
    // long enough for pings
    await new Promise(resolve => { setTimeout(resolve, 500) })

    for (const { node } of servers.slice(1)) {
      await server.node.dial(node.getMultiaddrs())
    }

    const asker = await quietNode(kadDHT)
    await asker.node.dial(server.node.getMultiaddrs())
    await waitForTable(asker.node, 1)

    await vi.waitFor(async () => { expect(await namesOf(asker, server.node.peerId)).toEqual(ids(servers)) }, WAIT)
    expect(ids(server.dht.routingTable.kb.toIterable())).toEqual(ids(servers))
    expect(await resultsOf(server)).toEqual(ids(servers))
  })
})

describe('a client that a server names', () => {
  test('is pinged, as anybody is, and does not stay in the table', async () => {
    const node = await quietNode(BOTH.scoredKadDHT)
    const other = await client()
    const server = await scriptedPeer({ script: () => ({ closer: [entryOf(other.peerId, other.getMultiaddrs())] }) })
    await meet(node, server)
    await drain(request(node.dht.network, server.peerId, { type: 'FIND_NODE', key: KEY }))

    await vi.waitFor(async () => { expect(isIdentified(await node.node.peerStore.get(other.peerId))).toBe(true) }, WAIT)
    await new Promise(resolve => { setTimeout(resolve, 500) })
    expect(ids(node.dht.routingTable.kb.toIterable())).toEqual(ids([server]))
    expect(await resultsOf(node)).toEqual(ids([server]))
  })
})

describe('a server that tells that it has turned client', () => {
  test('leaves the table and the replies without being asked, and comes back when it is a server again', async () => {
    const node = await tellingNode(BOTH.scoredKadDHT, { clientMode: false })
    const servers = [await tellingNode(kadDHT, { clientMode: false }), await tellingNode(kadDHT, { clientMode: false })]
    const asker = await quietNode(kadDHT)

    for (const [i, server] of servers.entries()) {
      await node.dial(server.getMultiaddrs())
      await waitForTable(node, i + 1)
    }

    await asker.node.dial(node.getMultiaddrs())
    await waitForTable(asker.node, 1)
    await drain(node.services.dht.getClosestPeers(KEY))
    expect(await namesOf(asker, node.peerId)).toEqual(ids(servers))

    await servers[0].services.dht.setMode('client')
    await vi.waitFor(async () => { expect(await namesOf(asker, node.peerId)).toEqual(ids([servers[1]])) }, WAIT)
    expect(ids(kadDHTInternals(node.services.dht).routingTable.kb.toIterable())).toEqual(ids([servers[1]]))

    await servers[0].services.dht.setMode('server')
    await vi.waitFor(async () => { expect(await namesOf(asker, node.peerId)).toEqual(ids(servers)) }, WAIT)
    expect(ids(kadDHTInternals(node.services.dht).routingTable.kb.toIterable())).toEqual(ids(servers))
  })
})

function isIdentified ({ metadata }: Peer): boolean {
  return metadata.has('AgentVersion')
}

/** A node that is no DHT server, connected to this one if it is given */
async function client (server?: ObservedNode): Promise<Libp2p> {
  const other = await createLibp2p({ ...CONNECTED, services: { identify: identify(), ping: ping() } })
  onTestFinished(async () => { await other.stop() })

  if (server !== undefined) {
    await other.dial(server.node.getMultiaddrs())
  }

  return other
}

/** A node that tells its peers when its protocols change, and hears when theirs do */
async function tellingNode (factory: KadDHTFactory, init: KadDHTInit): Promise<TestNode> {
  const node = await createLibp2p({
    ...CONNECTED,
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dht: factory(testInit({ allowQueryWithZeroPeers: true, initialQuerySelfInterval: 3_600_000, ...init })) as (components: KadDHTComponents) => TestNode['services']['dht']
    }
  })
  onTestFinished(async () => { await node.stop() })

  return node
}

const CONNECTED = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionMonitor: { enabled: false },
  connectionManager: { inboundConnectionThreshold: Infinity }
}

async function resultsOf ({ dht }: ObservedNode): Promise<string[]> {
  return ids(named(await all(dht.getClosestPeers(KEY)), 'FINAL_PEER').map(({ peer }) => peer))
}

/** Whom a server names to another node */
async function namesOf ({ dht }: ObservedNode, server: PeerId): Promise<string[]> {
  return ids(named(await all(request(dht.network, server, { type: 'FIND_NODE', key: KEY })), 'PEER_RESPONSE').flatMap(({ closer }) => closer))
}
