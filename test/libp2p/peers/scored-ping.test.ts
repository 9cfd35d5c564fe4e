import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { refusingAddress, silentPort } from '../silent-port.ts'
import { shiftedClock } from '../shifted-clock.ts'
import { countingNode, meet, outcomesOf, strangerId } from '../test-node.ts'
import type { ScoredNode } from '../test-node.ts'
import type { ScriptedPeer } from '../scripted-peer.ts'
import type { PeerId } from '@libp2p/interface'
import type { KadDHTComponents, KadDHTInit } from '@libp2p/kad-dht'
import type { Ping } from '@libp2p/ping'
import type { Multiaddr } from '@multiformats/multiaddr'

const SHORT: KadDHTInit = { pingNewContactTimeout: { minTimeout: 200 }, pingOldContactTimeout: { minTimeout: 300 } }

describe('a ping that kad-dht sends', () => {
  test('is one `responded` when it is answered', async () => {
    const { node, ping, peer } = await pinged()

    expect(await ping.ping(peer.peerId)).toBe(node.dht.scores.get(peer.peerId).record?.latencyMs)
    expect(outcomesOf(node, peer.peerId)).toEqual({ count: 1, last: 'responded' })
  })

  test('is not sent to a peer that answered within the last minute', async () => {
    const clock = shiftedClock()
    const { node, ping, peer } = await pinged()
    const latencyMs = await ping.ping(peer.peerId)
    clock.advance(59_000)
    expect(await ping.ping(peer.peerId)).toBe(latencyMs)
    expect([peer.pings, outcomesOf(node, peer.peerId).count]).toEqual([1, 1])

    clock.advance(2_000)
    await ping.ping(peer.peerId)
    expect([peer.pings, outcomesOf(node, peer.peerId).count]).toEqual([2, 2])
  })

  test('is one `timedOut` when the peer accepts it and does not answer, after the shortest of kad-dht\'s time-outs', async () => {
    const { node, ping, peer } = await pinged(SHORT)
    peer.answersPings = false
    const startedAt = performance.now()

    await expect(ping.ping(peer.peerId)).rejects.toThrow()
    expect(performance.now() - startedAt).toBeLessThan(300)
    expect(outcomesOf(node, peer.peerId)).toEqual({ count: 1, last: 'timedOut' })
  })

  test('says nothing about an address that could be dialled, only about the peer', async () => {
    const { node, peer } = await pinged(SHORT)
    const multiaddrs = peer.node.getMultiaddrs()
    peer.answersPings = false
    await node.dht.onPeerConnect({ id: peer.peerId, multiaddrs })
    await vi.waitFor(() => { expect(outcomesOf(node, peer.peerId)).toEqual({ count: 1, last: 'timedOut' }) })

    expect(node.dht.scores.get(peer.peerId).addresses.map(({ reliability }) => reliability)).toEqual(multiaddrs.map(() => expect.closeTo(0.65)))
  })

  test('is one `responded` when the peer says that it does not know the protocol', async () => {
    const { node, ping, peer } = await pinged()
    await peer.node.unhandle('/ipfs/ping/1.0.0')

    expect(await ping.ping(peer.peerId)).toBe(node.dht.scores.get(peer.peerId).record?.latencyMs)
    expect(outcomesOf(node, peer.peerId)).toEqual({ count: 1, last: 'responded' })
  })

  test.each<[string, () => Promise<Multiaddr>]>([
    ['refused', refusingAddress]
  ])('is one `dialFailed` when the dial is %s', async (_, address) => {
    const { node, ping } = await pinged(SHORT)
    const id = await stranger(node, await address())

    await expect(ping.ping(id)).rejects.toThrow()
    expect(outcomesOf(node, id)).toEqual({ count: 1, last: 'dialFailed' })
  })

  test('is one `timedOut` when the dial gets no further than a connection', async () => {
    const { node, ping } = await pinged(SHORT)
    const id = await stranger(node, (await silentPort()).address)

    await expect(ping.ping(id)).rejects.toThrow()
    expect(outcomesOf(node, id)).toEqual({ count: 1, last: 'timedOut' })
  })

  test('is no outcome when kad-dht gives it up', async () => {
    const { node, ping, peer } = await pinged()
    peer.answersPings = false

    await expect(ping.ping(peer.peerId, { signal: AbortSignal.timeout(100) })).rejects.toThrow()
    expect(outcomesOf(node, peer.peerId).count).toBe(0)
  })

  test('is not sent to an unacceptable peer', async () => {
    const { node, ping } = await pinged({}, 1)
    const port = await silentPort()
    const id = await stranger(node, port.address)
    await expect(ping.ping(id, { signal: AbortSignal.timeout(50) })).rejects.toThrow()
    await makeUnacceptable(node, id)
    const { accepted } = port

    await expect(ping.ping(id)).rejects.toMatchObject({ name: 'UnacceptablePeerError' })
    expect(port.accepted).toBe(accepted)
  })

  test('to addresses is the ping service\'s own', async () => {
    const { node, ping, peer } = await pinged()

    await ping.ping(peer.node.getMultiaddrs())
    expect(peer.pings).toBe(1)
    expect(outcomesOf(node, peer.peerId).count).toBe(0)
  })
})

/** A node, its ping service as its kad-dht sees it, and a peer that it knows the address of */
describe('a verification', () => {
  test('pings a peer of the routing table that nobody has heard of for hours, and no other', async () => {
    const clock = shiftedClock()
    const node = await countingNode({}, {}, { flushIntervalMs: 100, minGoodPeers: 0 })
    const peer = await scriptedPeer()
    await meet(node, peer)
    await vi.waitFor(() => { expect(peer.pings).toBeGreaterThan(0) })
    await node.node.hangUp(peer.peerId)
    const { pings } = peer

    clock.advance(60_000)
    await delay(500)
    expect(peer.pings).toBe(pings)

    clock.advance(12 * 3_600_000)
    await vi.waitFor(() => { expect(peer.pings).toBe(pings + 1) }, 5_000)
    await vi.waitFor(() => { expect(node.dht.scores.why(peer.peerId).reasons).toContain('answers now with a chance of 99%') })
  })

  test('pings a peer even though it is unacceptable', async () => {
    const clock = shiftedClock()
    const node = await countingNode({}, {}, { flushIntervalMs: 100, minGoodPeers: 0 })
    const peer = await scriptedPeer()
    await meet(node, peer)
    await node.node.hangUp(peer.peerId)
    const { pings } = peer
    const table = node.dht.scoredRoutingTable
    const entry = { peer: peer.peerId.toString(), kadId: await kadIdOf(peer.peerId.toMultihash().bytes) }

    for (let i = 0; i < 20; i++) {
      table.record(entry, { type: 'invalidRecord' }, performance.timeOrigin + performance.now())
    }

    // pings are due from the first round on
    await delay(300)
    // by then it is halfway back to neutral: still poor
    clock.advance(20 * 60_000)
    expect(node.dht.scores.get(peer.peerId).class).toBe('unacceptable')
    await vi.waitFor(() => { expect(peer.pings).toBe(pings + 1) }, 5_000)
  })
})

async function pinged (init: KadDHTInit = {}, weightCap = 1000): Promise<{ node: ScoredNode, ping: Ping, peer: ScriptedPeer }> {
  const node = await countingNode(init, {}, { parameters: { weightCap } })
  const peer = await scriptedPeer()
  await node.node.peerStore.merge(peer.peerId, { multiaddrs: peer.node.getMultiaddrs() })
  // so that only the test pings
  await peer.node.unhandle('/test/kad/1.0.0')

  return { node, ping: (node.dht as unknown as { components: KadDHTComponents }).components.ping, peer }
}

async function stranger ({ node }: ScoredNode, address: Multiaddr): Promise<PeerId> {
  const id = await strangerId()
  await node.peerStore.merge(id, { multiaddrs: [address] })

  return id
}

async function makeUnacceptable ({ node, dht }: ScoredNode, id: PeerId): Promise<void> {
  await node.peerStore.patch(id, { multiaddrs: [await refusingAddress()] })
  await (dht as unknown as { components: KadDHTComponents }).components.ping.ping(id).catch(() => {})
  expect(dht.scores.get(id).class).toBe('unacceptable')
}
