import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import drain from 'it-drain'
import { describe, expect, test, vi } from 'vitest'
import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import { kadIdOf } from '../../../../src/libp2p/peers/kad-id-of.ts'
import { named } from '../../../conformance/named.ts'
import { ids, waitForTable } from '../../../conformance/test-network.ts'
import { scriptedPeer } from '../../../libp2p/scripted-peer.ts'
import { countingNode, outcomesOf, quietNode, request } from '../../../libp2p/test-node.ts'
import type { ObservedNode, ScoredNode } from '../../../libp2p/test-node.ts'
import type { ScriptedPeer } from '../../../libp2p/scripted-peer.ts'
import type { PeerId } from '@libp2p/interface'
import type { KadDHTInit } from '@libp2p/kad-dht'

const KEY = new TextEncoder().encode('/test/key')

describe('a server with scores', () => {
  test('does not name an unacceptable peer where enough others are known', async () => {
    const { server, asker, peers } = await askedServer(4, 3)
    const [poor] = await namesOf(asker, server)
    await spoil(server, peers, poor)

    expect(await namesOf(asker, server)).toEqual(ids(peers).filter(id => id !== poor))
    expect([...server.dht.routingTable.kb.toIterable()].map(({ peerId }) => peerId.toString())).toContain(poor)
  })

  test('names unacceptable peers where there is nobody else', async () => {
    const { server, asker, peers } = await askedServer(3, 3)
    await spoil(server, peers, peers[0].peerId.toString())

    expect(await namesOf(asker, server)).toEqual(ids(peers))
  })

  test('never explores: the same question gets the same answer', async () => {
    const { server, asker, peers } = await askedServer(6, 3)
    await spoil(server, peers, peers[0].peerId.toString())
    const answers = new Set<string>()

    for (let requests = 0; requests < 20; requests++) {
      answers.add((await namesOf(asker, server)).join())
    }

    expect(answers.size).toBe(1)
  })

  test('names neither itself nor whoever asks', async () => {
    const { server, asker, peers } = await askedServer(2, 20, { clientMode: false })
    await waitForTable(server.node, 3)

    expect(await namesOf(asker, server)).toEqual(ids(peers))
  })

  test('no longer names a peer that was removed from its table and forgotten', async () => {
    const { server, asker, peers: [removed, ...others] } = await askedServer(4, 20)
    await server.dht.routingTable.remove(removed.peerId)
    await server.dht.scores.delete(removed.peerId)

    expect(server.dht.routingTable.size).toBe(3)
    expect(await namesOf(asker, server)).toEqual(ids(others))
  })

  test('serves the lookups, puts and gets of a stock client that knows nobody else', async () => {
    const servers = [await countingNode({ clientMode: false }), await countingNode({ clientMode: false }), await countingNode({ clientMode: false })]
    const client = await quietNode(kadDHT)
    const [first, ...others] = servers
    await Promise.all(others.map(async other => first.node.dial(other.node.getMultiaddrs())))
    await waitForTable(first.node, 2)
    await client.node.dial(first.node.getMultiaddrs())
    await waitForTable(client.node, 1)

    const found = await all(client.node.services.dht.getClosestPeers(KEY))
    // a stock lookup follows only those that are closer than whoever named them
    expect(named(found, 'FINAL_PEER')[0].peer.id).toEqual(await closestTo(KEY, servers.map(({ node }) => node.peerId)))

    await drain(client.node.services.dht.put(KEY, Uint8Array.of(7)))
    const read = await all(client.node.services.dht.get(KEY))
    expect(read.at(-1)).toMatchObject({ name: 'VALUE', value: { 0: 7 } })
  })
})

/** A server that knows these peers, and a stock client that asks it */
async function askedServer (peerCount: number, kBucketSize: number, askerInit: KadDHTInit = {}): Promise<{ server: ScoredNode, asker: ObservedNode, peers: ScriptedPeer[] }> {
  const server = await countingNode({ clientMode: false, kBucketSize }, {}, { parameters: { weightCap: 3 } })
  const asker = await quietNode(kadDHT, askerInit)
  const peers = await Promise.all(Array.from({ length: peerCount }, async () => scriptedPeer()))

  for (const peer of peers) {
    await server.node.dial(peer.node.getMultiaddrs())
    await vi.waitFor(() => { expect(outcomesOf(server, peer.peerId).last).toBe('responded') })
  }

  await asker.node.dial(server.node.getMultiaddrs())
  await waitForTable(asker.node, 1)

  return { server, asker, peers }
}

async function namesOf ({ dht }: ObservedNode, { node }: ScoredNode): Promise<string[]> {
  const events = await all(request(dht.network, node.peerId, { type: 'FIND_NODE', key: KEY }))

  return ids(named(events, 'PEER_RESPONSE')[0].closer)
}

async function closestTo (key: Uint8Array, peers: PeerId[]): Promise<PeerId> {
  const target = await kadIdOf(key)
  const kadIds = await Promise.all(peers.map(async id => ({ id, kadId: await kadIdOf(id.toMultihash().bytes) })))

  return kadIds.sort((a, b) => compareDistance(target, a.kadId, b.kadId))[0].id
}

/** Make one of the peers unacceptable */
async function spoil (server: ScoredNode, peers: ScriptedPeer[], id: string): Promise<void> {
  const peer = peers.find(({ peerId }) => peerId.toString() === id)

  if (peer === undefined) {
    throw new Error(`there is no peer ${id}`)
  }

  peer.script = () => Uint8Array.of(2, 8, 99)

  for (let requests = 0; requests < 8; requests++) {
    await drain(request(server.dht.network, peer.peerId, { type: 'FIND_NODE', key: KEY }))
  }

  expect(server.dht.scores.get(peer.peerId).class).toBe('unacceptable')
}
