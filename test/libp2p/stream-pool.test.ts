import all from 'it-all'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../conformance/test-network.ts'
import { scriptedPeer } from './scripted-peer.ts'
import { countingNode, meet, request } from './test-node.ts'
import type { ScriptedPeer } from './scripted-peer.ts'
import type { ScoredNode } from './test-node.ts'

const KEY = new Uint8Array(32)
const PATH = { path: { index: 0, queued: 0, running: 1, total: 1 } }

async function connected (): Promise<{ node: ScoredNode, peer: ScriptedPeer }> {
  const peer = await scriptedPeer()
  const node = await countingNode()
  await meet(node, peer)

  return { node, peer }
}

describe('the stream of an answered request', () => {
  it('carries the next request to the same peer', async () => {
    const { node, peer } = await connected()

    for (let i = 0; i < 3; i++) {
      await all(request(node.dht.network, peer.peerId, { type: 'FIND_NODE', key: KEY }))
    }

    expect(peer.requests.length).toBe(3)
    expect(peer.streams).toBe(1)
  })

  it('is not shared by requests under way at the same time', async () => {
    const { node, peer } = await connected()

    await Promise.all([1, 2, 3].map(async () => all(request(node.dht.network, peer.peerId, { type: 'FIND_NODE', key: KEY }))))

    expect(peer.requests.length).toBe(3)
    expect(peer.streams).toBe(3)
  })

  it('does not carry a message without an answer, whose loss nobody would notice', async () => {
    const { node, peer } = await connected()

    await all(request(node.dht.network, peer.peerId, { type: 'FIND_NODE', key: KEY }))
    await all(node.dht.network.sendMessage(peer.peerId, { type: 'ADD_PROVIDER', key: KEY }, PATH))

    await expect.poll(() => peer.requests.length).toBe(2)
    expect(peer.streams).toBe(2)
  })

  it('is closed when the node stops', async () => {
    const { node, peer } = await connected()
    await all(request(node.dht.network, peer.peerId, { type: 'FIND_NODE', key: KEY }))

    const [connection] = node.node.getConnections(peer.peerId)
    const [stream] = connection.streams.filter(({ protocol }) => protocol === PROTOCOL)
    expect(stream.writeStatus).toBe('writable')

    await node.dht.stop()
    await expect.poll(() => stream.writeStatus).toBe('closed')
  })
})
