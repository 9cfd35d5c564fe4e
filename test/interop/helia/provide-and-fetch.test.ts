import all from 'it-all'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { concat } from 'uint8arrays/concat'
import { describe, expect, test } from 'vitest'
import { OTHER, heliaNode, join, storesProvider } from './helia-node.ts'
import type { Kind } from './helia-node.ts'

const KINDS: Kind[] = ['ours', 'stock']

describe.each(KINDS)('through a server with the DHT that is %s', kind => {
  test.each(KINDS)('a Helia whose DHT is %s provides a block, and one with the other DHT fetches it by its CID', async provides => {
    const server = await heliaNode({ kind })
    // clients, as no server names these: only a provider record brings the two together
    const provider = await heliaNode({ kind: provides, clientMode: true })
    const fetcher = await heliaNode({ kind: OTHER[provides], clientMode: true })
    await Promise.all([join(provider, server), join(fetcher, server)])
    const block = crypto.getRandomValues(new Uint8Array(1_000))
    const cid = CID.createV1(raw.code, await sha256.digest(block))

    await provider.blockstore.put(cid, block)
    await provider.routing.provide(cid)
    await storesProvider(server)
    expect(fetcher.libp2p.getConnections(provider.libp2p.peerId)).toEqual([])
    const fetched = await all(fetcher.blockstore.get(cid, { signal: AbortSignal.timeout(10_000) }))

    expect(concat(fetched)).toEqual(block)
    expect(fetcher.libp2p.getConnections(provider.libp2p.peerId)).toHaveLength(1)
    expect(await server.blockstore.has(cid), 'the server had it').toBe(false)
  })
})
