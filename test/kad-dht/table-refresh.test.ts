import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { TableRefresh } from '../../src/kad-dht/table-refresh.ts'
import { commonPrefixLength } from '../../src/keyspace/common-prefix-length.ts'
import { kadIdOf } from '../../src/libp2p/peers/kad-id-of.ts'
import { waitForTable } from '../conformance/test-network.ts'
import { pendingTimers } from '../libp2p/pending-timers.ts'
import { scriptedPeer } from '../libp2p/scripted-peer.ts'
import { BOTH, countingNode, meet, quietNode } from '../libp2p/test-node.ts'
import type { ScriptedPeer } from '../libp2p/scripted-peer.ts'
import type { PrivateKey } from '@libp2p/interface'

/** The server shares so many bits with the node: within kad-dht's first byte */
const SHARED_BITS = 4

describe('the refresh of the routing table', () => {
  test.each([
    ['kadDHT', false],
    ['scoredKadDHT', true]
  ] as const)('of %s starts by itself: %s', async (name, starts) => {
    const node = await quietNode(BOTH[name], {}, { start: false })
    node.dht.routingTableRefresh.refreshInterval = 300
    await node.node.start()
    const server = await scriptedPeer()
    await meet(node, server)
    await pause(1_000)

    expect(keysAskedFor(server).size > 0).toBe(starts)
  })

  test.each([
    ['kadDHT', 1],
    ['scoredKadDHT', SHARED_BITS + 1]
  ] as const)('of %s looks up a key at %i distances, where the nearest peer shares four bits with us', async (name, distances) => {
    const { privateKey, serverKey } = await keysThatShare(SHARED_BITS)
    const node = await quietNode(BOTH[name], {}, { privateKey })
    const server = await scriptedPeer({ privateKey: serverKey })
    await meet(node, server)
    await node.node.services.dht.refreshRoutingTable()
    await pause(800)
    const self = await kadIdOf(node.node.peerId.toMultihash().bytes)
    const shared = await Promise.all([...keysAskedFor(server).values()].map(async key => commonPrefixLength(self, await kadIdOf(key))))

    expect(shared.sort()).toEqual(Array.from({ length: distances }, (_, bits) => bits))
  })

  test.each([
    ['kadDHT', 3, 3],
    ['scoredKadDHT', 1, 0]
  ] as const)('of %s, started by hand three times, has %i timers for the next, and %i after stop', async (name, running, stopped) => {
    const pending = pendingTimers(123_457)
    const node = await quietNode(BOTH[name])
    node.dht.routingTableRefresh.refreshInterval = 123_457
    await meet(node, await scriptedPeer())

    for (let refreshes = 0; refreshes < 3; refreshes++) {
      await node.node.services.dht.refreshRoutingTable()
      await pause(150)
    }

    expect(pending()).toBe(running)
    await node.node.stop()
    expect(pending()).toBe(stopped)
  })
})

describe('the refresh of scoredKadDHT', () => {
  test('comes again after 20 minutes', async () => {
    const pending = pendingTimers(1_200_000)
    const node = await quietNode(BOTH.scoredKadDHT)
    await node.node.services.dht.refreshRoutingTable()

    await vi.waitFor(() => { expect(pending()).toBe(1) })
  })

  test('goes on when the time of day is set back', async () => {
    const node = await quietNode(BOTH.scoredKadDHT, {}, { start: false })
    node.dht.routingTableRefresh.refreshInterval = 200
    await node.node.start()
    const server = await scriptedPeer()
    await meet(node, server)
    await vi.waitFor(() => { expect(keysAskedFor(server).size).toBeGreaterThan(0) })

    const realNow = Date.now
    const spy = vi.spyOn(Date, 'now').mockImplementation(() => realNow() - 3_600_000)
    onTestFinished(() => { spy.mockRestore() })
    const before = keysAskedFor(server).size

    await vi.waitFor(() => { expect(keysAskedFor(server).size).toBeGreaterThan(before) }, { timeout: 5_000 })
  })

  test('looks up one key after another', async () => {
    const { privateKey, serverKey } = await keysThatShare(SHARED_BITS)
    const node = await countingNode({}, { privateKey })
    let open = 0
    let mostOpen = 0
    const server = await scriptedPeer({
      privateKey: serverKey,
      script: async () => {
        mostOpen = Math.max(mostOpen, ++open)
        await pause(30)
        open--
        return {}
      }
    })
    await meet(node, server)
    await node.dht.refreshRoutingTable()
    await vi.waitFor(() => { expect(keysAskedFor(server).size).toBe(SHARED_BITS + 1) }, { timeout: 3_000 })

    expect(mostOpen).toBe(1)
  })

  test('ends when the node stops, and works again after the next start', async () => {
    const { privateKey, serverKey } = await keysThatShare(SHARED_BITS)
    const node = await countingNode({}, { privateKey })
    const server = await scriptedPeer({ privateKey: serverKey, script: () => undefined })
    await meet(node, server)
    await node.dht.refreshRoutingTable()
    await vi.waitFor(() => { expect(server.requests).toHaveLength(1) })
    await node.node.stop()
    await pause(200)
    expect(server.requests).toHaveLength(1)

    server.script = () => ({})
    await node.node.start()
    await waitForTable(node.node, 1)
    await node.dht.refreshRoutingTable()
    await vi.waitFor(() => { expect(server.requests.length).toBeGreaterThan(SHARED_BITS) }, { timeout: 3_000 })
  })
})

describe('the signal of whoever asks for a refresh', () => {
  test('ends it, and no other after it', async () => {
    const { dht } = await quietNode(BOTH.kadDHT, {}, { start: false })
    const refresh = new TableRefresh({ refresh: dht.routingTableRefresh, routingTable: dht.routingTable })
    const tell = vi.fn()
    const [first, second] = [new AbortController(), new AbortController()]

    refresh.ask({ tell }, true, { signal: first.signal })
    first.abort()
    expect(tell.mock.calls.map(([{ type }]) => type)).toEqual(['refreshAsked', 'refreshCancelled'])

    refresh.ask({ tell }, true, { signal: second.signal })
    refresh.ended()
    second.abort()
    expect(tell.mock.calls.map(([{ type }]) => type)).toEqual(['refreshAsked', 'refreshCancelled', 'refreshAsked'])
  })
})

/** Two keys whose kad ids share exactly so many bits */
async function keysThatShare (bits: number): Promise<{ privateKey: PrivateKey, serverKey: PrivateKey }> {
  const serverKey = await generateKeyPair('Ed25519')
  const server = await kadIdOf(peerIdFromPrivateKey(serverKey).toMultihash().bytes)

  while (true) {
    const privateKey = await generateKeyPair('Ed25519')
    const self = await kadIdOf(peerIdFromPrivateKey(privateKey).toMultihash().bytes)

    if (commonPrefixLength(self, server) === bits) {
      return { privateKey, serverKey }
    }
  }
}

function keysAskedFor ({ requests }: ScriptedPeer): Map<string, Uint8Array> {
  return new Map(requests.map(({ key = new Uint8Array(0) }) => [uint8ArrayToString(key, 'base16'), key]))
}

async function pause (ms: number): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, ms) })
}
