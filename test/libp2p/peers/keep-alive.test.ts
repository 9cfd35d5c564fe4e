import { describe, expect, test, vi } from 'vitest'
import { scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet } from '../test-node.ts'
import type { ScriptedPeer } from '../scripted-peer.ts'
import type { ScoredNode } from '../test-node.ts'

/** Several rounds of upkeep, and longer than a reconnection takes; kad-dht itself has no peers dialled again before 5 s */
const SETTLE_MS = 600

describe('a good peer that is tagged', () => {
  test('is not dialled again when the user hangs up', async () => {
    const { node, peer } = await tagged()
    await node.node.hangUp(peer.peerId)
    await new Promise(resolve => { setTimeout(resolve, SETTLE_MS) })

    expect(node.node.getConnections(peer.peerId)).toEqual([])
  })

  test('loses its tag when its score is forgotten', async () => {
    const { node, peer } = await tagged()
    await peer.node.stop()
    await node.dht.scores.delete(peer.peerId)

    await vi.waitFor(async () => {
      const { tags } = await node.node.peerStore.get(peer.peerId)
      expect([...tags.keys()].filter(name => name.includes('scored-kad-dht'))).toEqual([])
    }, { timeout: 10_000 })
  })

  test('is not back in the peer store when the user deleted it there', async () => {
    const { node, peer } = await tagged()
    await node.node.hangUp(peer.peerId)
    await node.node.peerStore.delete(peer.peerId)
    await new Promise(resolve => { setTimeout(resolve, SETTLE_MS) })

    expect(await node.node.peerStore.has(peer.peerId)).toBe(false)
  })
})

/** A node, and a peer that it has tagged because it is good */
async function tagged (): Promise<{ node: ScoredNode, peer: ScriptedPeer }> {
  const node = await countingNode({}, {}, { flushIntervalMs: 100, keepAlivePeers: 1 })
  const peer = await scriptedPeer()
  await meet(node, peer)
  await vi.waitFor(async () => {
    const { tags } = await node.node.peerStore.get(peer.peerId)
    expect([...tags.keys()].some(name => name.includes('scored-kad-dht'))).toBe(true)
  }, { timeout: 10_000 })

  return { node, peer }
}
