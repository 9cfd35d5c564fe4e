import { removePrivateAddressesMapper, passthroughMapper } from '@libp2p/kad-dht'
import all from 'it-all'
import drain from 'it-drain'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { expect, onTestFinished, test } from 'vitest'
import { named } from '../../conformance/named.ts'
import { TestNetwork, waitForTable } from '../../conformance/test-network.ts'
import { errorsTo } from '../../libp2p/errors-to.ts'
import { scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { countingNode, meet, scored } from '../../libp2p/test-node.ts'
import type { TestNode } from '../../conformance/test-network.ts'
import type { PeerInfo } from '@libp2p/interface'
import type { KadDHTInit } from '@libp2p/kad-dht'

const KEY = new TextEncoder().encode('/test/key')
const CONTENT = CID.createV1(raw.code, Digest.decode(Uint8Array.of(0x12, 0x20, ...new Uint8Array(32).fill(7))))

test('a node without an address is warned once that what it provides is of no use, and its provide resolves as before', async () => {
  const { node, server, errors } = await provider([])

  await drain(node.services.dht.provide(CONTENT))
  await node.contentRouting.provide(CONTENT)

  expect(errors.filter(error => error.includes('no address'))).toHaveLength(1)
  expect(named(await all(server.services.dht.findProviders(CONTENT)), 'PROVIDER')).toEqual([])
})

test('a node whose addresses are all filtered is warned once, and again after they were not', async () => {
  let mapper = removePrivateAddressesMapper
  const { node, errors } = await provider(['/ip4/127.0.0.1/tcp/0'], { peerInfoMapper: (peer: PeerInfo) => mapper(peer) }, async () => { mapper = passthroughMapper })
  const warnings = (): number => errors.filter(error => error.includes('filtered by peerInfoMapper')).length
  const provide = async (): Promise<void> => drain(node.services.dht.provide(CONTENT))

  await provide()
  expect(warnings()).toBe(0)
  mapper = removePrivateAddressesMapper
  await provide()
  await provide()
  expect(warnings()).toBe(1)
  mapper = passthroughMapper
  await provide()
  mapper = removePrivateAddressesMapper
  await provide()
  expect(warnings()).toBe(2)
})

test('a node with an address is warned of nothing when its records are stored', async () => {
  const { node, server, errors } = await provider(['/ip4/127.0.0.1/tcp/0'])

  await drain(node.services.dht.provide(CONTENT))
  await drain(node.services.dht.put(KEY, Uint8Array.of(1)))

  expect(errors.filter(error => /no address|filtered|no peer (was|has)/.test(error))).toEqual([])
  expect(named(await all(server.services.dht.findProviders(CONTENT)), 'PROVIDER')).toHaveLength(1)
})

test('a put that nobody accepts and a provide that nobody hears of say so in the log', async () => {
  const errors: string[] = []
  const node = await countingNode({}, { logger: errorsTo(errors) })
  const unmoved = await scriptedPeer({ script: ({ type }) => type === 'PUT_VALUE' ? { record: undefined } : {} })
  await meet(node, unmoved)

  await drain(node.dht.put(KEY, Uint8Array.of(1)))
  expect(errors.filter(error => error.includes('no peer has stored'))).toHaveLength(1)

  await unmoved.node.stop()
  await drain(node.dht.provide(CONTENT))
  expect(errors.filter(error => error.includes('no peer was told'))).toHaveLength(1)
})

/** A node with these addresses that knows a stock server, and what it logs as errors */
async function provider (listen: string[], init: KadDHTInit = {}, beforeDial = async (): Promise<void> => {}): Promise<{ node: TestNode, server: TestNode, errors: string[] }> {
  const errors: string[] = []
  const network = new TestNetwork(scored())
  onTestFinished(async () => { await network.stop() })
  await network.start(2)
  // the second one is stock
  const server = network.servers[1]
  await beforeDial()
  const node = await network.createNode({ clientMode: true, allowQueryWithZeroPeers: true, ...init }, { addresses: { listen }, logger: errorsTo(errors) })
  await node.dial(server.getMultiaddrs())
  await waitForTable(node, 1)

  return { node, server, errors }
}
