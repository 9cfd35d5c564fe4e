import drain from 'it-drain'
import { describe, expect, test, vi } from 'vitest'
import { waitForTable } from '../../conformance/test-network.ts'
import { countingTCP } from '../counting-tcp.ts'
import { entryOf, scriptedPeer } from '../scripted-peer.ts'
import { refusingAddress, silentPort } from '../silent-port.ts'
import { BOTH, countingNode, meet, outcomesOf, quietNode, request, strangerId } from '../test-node.ts'
import type { ObservedNode } from '../test-node.ts'
import type { PeerId } from '@libp2p/interface'

const FIND_NODE = { type: 'FIND_NODE', key: new TextEncoder().encode('/test/key') } as const

/** Long enough for a refused dial, and for whatever follows from it */
const SETTLE_MS = 150

describe('a dead peer that five responses name', () => {
  test.each([
    ['kadDHT', 5],
    ['scoredKadDHT', 1]
  ] as const)('with %s is dialled %i times when its port refuses', async (name, expected) => {
    const dials: string[] = []
    const node = await quietNode(BOTH[name], {}, { transports: [countingTCP(dials)] })
    const id = await strangerId()
    const address = await refusingAddress()
    const server = await scriptedPeer({ script: () => ({ closer: [entryOf(id, [address])] }) })
    await meet(node, server)

    for (let response = 0; response < 5; response++) {
      await drain(request(node.dht.network, server.peerId, FIND_NODE))
      await pause(SETTLE_MS)
    }

    expect(dials.filter(dialled => dialled.startsWith(address.toString()))).toHaveLength(expected)
  })

  test.each([
    ['kadDHT', 5],
    ['scoredKadDHT', 1]
  ] as const)('with %s is dialled %i times when it is silent', async (name, expected) => {
    const node = await quietNode(BOTH[name], { pingNewContactTimeout: { minTimeout: 100, maxTimeout: 100 } })
    const id = await strangerId()
    const port = await silentPort()
    const server = await scriptedPeer({ script: () => ({ closer: [entryOf(id, [port.address])] }) })
    await meet(node, server)

    for (let response = 0; response < 5; response++) {
      await drain(request(node.dht.network, server.peerId, FIND_NODE))
      await pause(100 + SETTLE_MS)
    }

    expect(port.accepted).toBe(expected)
  })
})

describe('a stranger that a lookup named', () => {
  test('is introduced when the lookup has ended, however slow its consumer is', async () => {
    const { node, dht } = await quietNode(BOTH.scoredKadDHT, { kBucketSize: 1 })
    const near = await scriptedPeer()
    const far = await scriptedPeer()
    const server = await scriptedPeer({ script: () => ({ closer: [near, far].map(peer => entryOf(peer.peerId, peer.node.getMultiaddrs())) }) })
    await meet({ node, dht }, server)

    // the consumer takes one event and is busy with it
    const events = dht.getClosestPeers(FIND_NODE.key)[Symbol.asyncIterator]()
    await events.next()

    await vi.waitFor(() => { expect(near.pings + far.pings + near.requests.length + far.requests.length).toBeGreaterThanOrEqual(2) }, { timeout: 5_000 })
    await events.return?.()
  })
})

describe('thirty strangers that one response names', () => {
  test.each([
    ['kadDHT', 16],
    ['scoredKadDHT', 4]
  ] as const)('are with %s dialled %i at a time', async (name, expected) => {
    const node = await quietNode(BOTH[name])
    const port = await silentPort()
    const ids = await Promise.all(Array.from({ length: 30 }, strangerId))
    const server = await scriptedPeer({ script: () => ({ closer: ids.map(id => entryOf(id, [port.address])) }) })
    await meet(node, server)
    await drain(request(node.dht.network, server.peerId, FIND_NODE))
    await pause(500)

    expect(port.mostOpen).toBe(expected)
  })
})

describe('a live peer that a response names', () => {
  test('enters the routing table by one ping, which is its first outcome', async () => {
    const node = await countingNode()
    const named = await scriptedPeer()
    const server = await scriptedPeer({ script: () => ({ closer: [entryOf(named.peerId, named.node.getMultiaddrs())] }) })
    await meet(node, server)
    await drain(request(node.dht.network, server.peerId, FIND_NODE))
    await waitForTable(node.node, 2)
    await drain(request(node.dht.network, server.peerId, FIND_NODE))
    await pause(SETTLE_MS)

    expect(named.pings).toBe(1)
    expect(named.requests).toEqual([])
    expect(outcomesOf(node, named.peerId)).toEqual({ count: 1, last: 'responded' })
  })

  test('is named to the user as a discovered peer', async () => {
    const node = await countingNode()
    const id = await strangerId()
    const address = await refusingAddress()
    const server = await scriptedPeer({ script: () => ({ closer: [entryOf(id, [address])] }) })
    const discovered: string[] = []
    node.node.addEventListener('peer:discovery', ({ detail }) => { discovered.push(detail.id.toString()) })
    await meet(node, server)
    await drain(request(node.dht.network, server.peerId, FIND_NODE))

    await vi.waitFor(() => { expect(discovered).toContain(id.toString()) })
  })
})

describe('a peer that a response names', () => {
  test('without an address that the mapper lets through is neither dialled nor remembered', async () => {
    const port = await silentPort()
    const node = await countingNode({ peerInfoMapper: info => ({ ...info, multiaddrs: info.multiaddrs.filter(address => !address.equals(port.address)) }) })
    const id = await strangerId()
    const server = await scriptedPeer({ script: () => ({ closer: [entryOf(id, [port.address])] }) })
    await meet(node, server)
    await drain(request(node.dht.network, server.peerId, FIND_NODE))
    await pause(SETTLE_MS)

    expect(port.accepted).toBe(0)
    expect(placeOf(node, id)).toBe(false)
  })

  test('is given up when the node stops', async () => {
    const node = await countingNode()
    const port = await silentPort()
    const ids = await Promise.all(Array.from({ length: 10 }, strangerId))
    const server = await scriptedPeer({ script: () => ({ closer: ids.map(id => entryOf(id, [port.address])) }) })
    await meet(node, server)
    await drain(request(node.dht.network, server.peerId, FIND_NODE))
    await vi.waitFor(() => { expect(port.accepted).toBeGreaterThan(0) })
    await node.node.stop()
    const { accepted } = port
    await pause(SETTLE_MS)

    expect(port.accepted).toBe(accepted)
    expect(ids.map(id => outcomesOf(node, id).count)).toEqual(ids.map(() => 0))
  })
})

function placeOf ({ dht }: ObservedNode, id: PeerId): boolean {
  return [...dht.routingTable.kb.toIterable()].some(({ peerId }) => peerId.equals(id))
}

async function pause (ms: number): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, ms) })
}
