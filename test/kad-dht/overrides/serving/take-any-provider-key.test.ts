import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { sha256, sha512 } from 'multiformats/hashes/sha2'
import { describe, expect, test, vi } from 'vitest'
import { kadIdOf } from '../../../../src/libp2p/peers/kad-id-of.ts'
import { named } from '../../../conformance/named.ts'
import { ids, waitForTable } from '../../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../../../libp2p/scripted-peer.ts'
import { BOTH, quietNode, request } from '../../../libp2p/test-node.ts'
import type { ObservedNode } from '../../../libp2p/test-node.ts'
import type { QueryEvent } from '@libp2p/kad-dht'

const CONTENT = new TextEncoder().encode('content')
const TEXT = new TextEncoder().encode('interop-test-key-1b2c3d4e')

const KEYS: [string, Uint8Array][] = [
  ['a SHA2-256 multihash', (await sha256.digest(CONTENT)).bytes],
  ['a SHA2-512 multihash', (await sha512.digest(CONTENT)).bytes],
  ['a BLAKE3 multihash', Digest.create(0x1e, new Uint8Array(32).fill(7)).bytes],
  ['an identity multihash', Digest.create(0, CONTENT).bytes],
  ['a CID', CID.createV1(raw.code, await sha256.digest(CONTENT)).bytes],
  ['a text', TEXT],
  ['80 bytes', new Uint8Array(80).fill(1)]
]

describe('a server', () => {
  test.each(KEYS)('stores a provider record under %s and finds it', async (_, key) => {
    const pair = await serverAndProvider('scoredKadDHT')
    await provide(pair, key)

    await vi.waitFor(async () => {
      const [response] = named(await askForProviders(pair, key), 'PEER_RESPONSE')
      expect(ids(response.providers)).toEqual(ids([pair.provider.node]))
    })
  })

  test('finds nothing under another key', async () => {
    const pair = await serverAndProvider('scoredKadDHT')
    await provide(pair, TEXT)

    const [response] = named(await askForProviders(pair, TEXT.subarray(1)), 'PEER_RESPONSE')
    expect(response.providers).toEqual([])
  })

  test('of kad-dht breaks the stream at such a key', async () => {
    const pair = await serverAndProvider('kadDHT')

    expect(named(await askForProviders(pair, TEXT), 'PEER_RESPONSE')).toEqual([])
    expect(named(await askForProviders(pair, TEXT), 'QUERY_ERROR')).toHaveLength(1)
  })

  test('refuses a key that is longer than Go allows', async () => {
    const pair = await serverAndProvider('scoredKadDHT')

    expect(named(await askForProviders(pair, new Uint8Array(81).fill(1)), 'QUERY_ERROR')).toHaveLength(1)
  })

  test('names the peers that are close to the key as it was sent', async () => {
    const pair = await serverAndProvider('scoredKadDHT')
    const known = await scriptedPeer()
    await pair.server.node.dial(known.node.getMultiaddrs())
    await waitForTable(pair.server.node, 1)
    const asked = vi.spyOn(pair.server.dht.peerRouting.routingTable, 'closestPeers')

    const [response] = named(await askForProviders(pair, TEXT), 'PEER_RESPONSE')
    expect(ids(response.closer)).toEqual(ids([known]))
    expect(asked.mock.calls[0][0]).toEqual(await kadIdOf(TEXT))
  })
})

interface Pair {
  server: ObservedNode
  provider: ObservedNode
}

async function serverAndProvider (implementation: keyof typeof BOTH): Promise<Pair> {
  const server = await quietNode(BOTH[implementation], { clientMode: false })
  const provider = await quietNode(kadDHT)
  await provider.node.dial(server.node.getMultiaddrs())

  return { server, provider }
}

async function provide ({ server, provider }: Pair, key: Uint8Array): Promise<void> {
  await all(provider.dht.network.sendMessage(server.node.peerId, {
    type: 'ADD_PROVIDER',
    key: key as Uint8Array<ArrayBuffer>,
    providers: [entryOf(provider.node.peerId, provider.node.getMultiaddrs())]
  }, { path: { index: 0, queued: 0, running: 1, total: 1 } }))
}

async function askForProviders ({ server, provider }: Pair, key: Uint8Array): Promise<QueryEvent[]> {
  return all(request(provider.dht.network, server.node.peerId, { type: 'GET_PROVIDERS', key: key as Uint8Array<ArrayBuffer> }))
}
