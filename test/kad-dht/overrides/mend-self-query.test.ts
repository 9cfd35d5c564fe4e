import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { xor } from 'uint8arrays/xor'
import { describe, expect, test, vi } from 'vitest'
import { kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import { entryOf, scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { BOTH, meet, quietNode } from '../../libp2p/test-node.ts'
import type { ScriptedPeer } from '../../libp2p/scripted-peer.ts'
import type { PeerId } from '@libp2p/interface'

/** More than kad-dht's twenty events of a lookup lead to */
const CHAIN = 12

describe('the first self-query, with a neighbour that knows the next closer one, and so on', () => {
  test.each([
    ['kadDHT', false],
    ['scoredKadDHT', true]
  ] as const)('of %s reaches the closest one: %s', async (name, reached) => {
    const privateKey = await generateKeyPair('Ed25519')
    const self = peerIdFromPrivateKey(privateKey)
    const chain = await chainTo(self)
    const node = await quietNode(BOTH[name], { initialQuerySelfInterval: 1_000, allowQueryWithZeroPeers: false }, { privateKey })
    const ended = new Promise<number>(resolve => {
      node.node.addEventListener('kad-dht:query:self' as never, (event: CustomEvent<{ peers: number }>) => { resolve(event.detail.peers) })
    })
    await meet(node, chain[0])
    const peers = await ended

    expect(askedForSelf(chain.at(-1), self)).toBe(reached)
    expect(peers === CHAIN).toBe(reached)
  })
})

describe('the first self-query of scoredKadDHT', () => {
  test('waits for a first peer for longer than its time-out, as kad-dht\'s does', async () => {
    const node = await quietNode(BOTH.scoredKadDHT, { initialQuerySelfInterval: 10, allowQueryWithZeroPeers: false })
    node.dht.querySelf.queryTimeout = 100
    await new Promise(resolve => setTimeout(resolve, 300))
    const server = await scriptedPeer()
    await meet(node, server)

    await vi.waitFor(() => { expect(askedForSelf(server, node.node.peerId)).toBe(true) }, { timeout: 3_000 })
  })

  test('ends by its time-out when nobody answers, and lets the user\'s lookups go on', async () => {
    const node = await quietNode(BOTH.scoredKadDHT, { initialQuerySelfInterval: 1_000, allowQueryWithZeroPeers: false, networkDialTimeout: { minTimeout: 20_000 } })
    node.dht.querySelf.queryTimeout = 300
    const silent = await scriptedPeer({ script: () => undefined })
    await meet(node, silent)
    const events: string[] = []
    const controller = new AbortController()
    const lookup = (async () => {
      for await (const { name } of node.dht.getClosestPeers(Uint8Array.of(1), { signal: controller.signal })) {
        events.push(name)
      }
    })().catch(() => {})

    await vi.waitFor(() => { expect(events).toContain('SEND_QUERY') }, { timeout: 3_000 })
    controller.abort()
    await lookup
  })
})

/** Servers from far to near, each of which knows the next one only */
async function chainTo (self: PeerId): Promise<ScriptedPeer[]> {
  const target = await kadIdOf(self.toMultihash().bytes)
  const peers = await Promise.all(Array.from({ length: CHAIN }, async () => scriptedPeer()))
  const chain = (await Promise.all(peers.map(async peer => ({
    peer,
    distance: uint8ArrayToString(xor(await kadIdOf(peer.peerId.toMultihash().bytes), target), 'base16')
  })))).sort((a, b) => a.distance < b.distance ? 1 : -1).map(({ peer }) => peer)

  chain.slice(0, -1).forEach((peer, index) => {
    const { peerId, node } = chain[index + 1]
    peer.script = () => ({ closer: [entryOf(peerId, node.getMultiaddrs())] })
  })

  return chain
}

function askedForSelf (peer: ScriptedPeer | undefined, self: PeerId): boolean {
  const key = uint8ArrayToString(self.toMultihash().bytes, 'base16')

  return peer?.requests.some(request => request.key !== undefined && uint8ArrayToString(request.key, 'base16') === key) === true
}
