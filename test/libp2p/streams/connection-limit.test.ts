import drain from 'it-drain'
import all from 'it-all'
import { describe, expect, test, vi } from 'vitest'
import { named } from '../../conformance/named.ts'
import { ids } from '../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet, request } from '../test-node.ts'
import type { ScriptedPeer } from '../scripted-peer.ts'
import type { ScoredNode } from '../test-node.ts'

const KEY = new TextEncoder().encode('/test/key')

/** Longer than the second after which the node looks at its connections, and long enough for a busy machine */
const WAIT = { timeout: 10_000 }

describe('a node whose user allows few connections', () => {
  test('is back within the limit after lookups that met four times as many peers', async () => {
    const { node, peers } = await limitedNode(32, 8)

    for (let round = 0; round < 3; round++) {
      const lookups = await Promise.all(['one', 'two'].map(async key => all(node.dht.getClosestPeers(new TextEncoder().encode(`/test/${key}${round}`)))))

      expect(lookups.map(events => named(events, 'FINAL_PEER').length)).toEqual([20, 20])
    }

    expect(peers.filter(({ requests }) => requests.length > 0).length).toBeGreaterThan(20)
    await vi.waitFor(() => { expect(node.node.getConnections().length).toBeLessThanOrEqual(8) }, WAIT)
  })

  test('lets every request under way come to its end', async () => {
    const { node, peers } = await limitedNode(6, 2)
    const slow = async (): Promise<object> => {
      await new Promise(resolve => { setTimeout(resolve, 2_500) })

      return {}
    }
    peers.forEach(peer => { peer.script = slow })
    await Promise.all(peers.map(async peer => node.node.peerStore.merge(peer.peerId, { multiaddrs: peer.node.getMultiaddrs() })))
    const answers = await Promise.all(peers.map(async peer => all(request(node.dht.network, peer.peerId, { type: 'FIND_NODE', key: KEY }))))

    expect(answers.map(events => events.at(-1)?.name)).toEqual(peers.map(() => 'PEER_RESPONSE'))
  })

  test('keeps the connections that somebody else uses, within the limit or not', async () => {
    const { node, peers } = await limitedNode(12, 4)
    const used = await Promise.all(peers.slice(0, 6).map(async peer => {
      await peer.node.handle('/test/other', () => {})

      return node.node.dialProtocol(peer.node.getMultiaddrs(), '/test/other')
    }))
    await drain(node.dht.getClosestPeers(KEY))

    await vi.waitFor(() => { expect(node.node.getConnections()).toHaveLength(6) }, WAIT)
    expect(used.map(({ status }) => status)).toEqual(used.map(() => 'open'))
  })

  test.each([1, Infinity])('may allow %d', async maxConnections => {
    const { node, peers } = await limitedNode(5, maxConnections)
    const events = await all(node.dht.getClosestPeers(KEY))

    expect(ids(named(events, 'FINAL_PEER').map(({ peer }) => peer))).toEqual(ids(peers))
    await vi.waitFor(() => { expect(node.node.getConnections()).toHaveLength(Math.min(maxConnections, 5)) }, WAIT)
  })
})

/** A node that may have so many connections, and peers that all name each other and of which it knows one */
async function limitedNode (peerCount: number, maxConnections: number): Promise<{ node: ScoredNode, peers: ScriptedPeer[] }> {
  const peers = await Promise.all(Array.from({ length: peerCount }, async () => scriptedPeer()))
  const closer = peers.map(({ peerId, node }) => entryOf(peerId, node.getMultiaddrs()))
  peers.forEach(peer => { peer.script = () => ({ closer }) })

  const node = await countingNode({}, { connectionManager: { maxConnections } })
  await meet(node, peers[0])

  return { node, peers }
}
