import { beforeEach, describe, expect, test } from 'vitest'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import { WarmStart } from '../../../src/libp2p/peers/warm-start.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { BOTH, quietNode, strangerId } from '../test-node.ts'
import type { ScriptedPeer } from '../scripted-peer.ts'
import type { ObservedNode } from '../test-node.ts'
import type { PeerInfo } from '@libp2p/interface'

let node: ObservedNode
let book: PeerBook
let warmStart: WarmStart
let isAllowed: boolean

beforeEach(async () => {
  isAllowed = true
  node = await quietNode(BOTH.kadDHT)
  book = new PeerBook({ connectionManager: { isDialable: async () => isAllowed } }, { maxPeers: 10, keeps: () => true, peerInfoMapper: (info: PeerInfo) => info, now: () => 0 })
  warmStart = new WarmStart({ peerStore: node.node.peerStore }, { routingTable: node.dht.routingTable, book })
})

async function restore ({ peerId, node }: ScriptedPeer, reliability: number, hasAddress = true): Promise<void> {
  const addresses = node.getMultiaddrs().map(multiaddr => ({ multiaddr: multiaddr.decapsulate('/p2p').bytes, reliability }))
  await book.restore(peerId.toString(), peerId.toMultihash().bytes, hasAddress ? addresses : [])
}

describe('a restored peer', () => {
  test('is dialled at its addresses and takes its place in the table', async () => {
    const peer = await scriptedPeer()
    await restore(peer, 1)
    await warmStart.dial(peer.peerId.toString(), AbortSignal.timeout(5_000))

    expect([...node.dht.routingTable.kb.toIterable()].map(({ peerId }) => peerId.toString())).toEqual([peer.peerId.toString()])
    expect(peer.pings).toBe(1)
  })

  test.each([
    ['has no address that this node can dial', true],
    ['has no address', false]
  ])('that %s is left alone', async (_, hasAddress) => {
    isAllowed = false
    const peer = await scriptedPeer()
    await restore(peer, 0.5, hasAddress)
    await warmStart.dial(peer.peerId.toString(), AbortSignal.timeout(5_000))

    expect([node.dht.routingTable.size, await node.node.peerStore.has(peer.peerId)]).toEqual([0, false])
  })

  test('that is forgotten by now is no matter', async () => {
    await warmStart.dial((await strangerId()).toString(), AbortSignal.timeout(5_000))

    expect(node.dht.routingTable.size).toBe(0)
  })
})
