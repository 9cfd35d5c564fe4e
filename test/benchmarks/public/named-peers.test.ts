import { passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NamedPeers } from '../../../benchmarks/public/named-peers.ts'
import type { Libp2p } from '@libp2p/interface'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const RELAY = 'QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN'

let node: Libp2p

beforeAll(async () => {
  node = await createLibp2p({ start: false, transports: [tcp()] })
})

afterAll(async () => {
  await node.stop()
})

test.for<[string, string[], string]>([
  ['no address', [], 'noAddress'],
  ['a public address', ['/ip4/1.2.3.4/tcp/4001'], 'dialable'],
  ['a private one', ['/ip4/10.0.0.1/tcp/4001'], 'private'],
  ['both', ['/ip4/10.0.0.1/tcp/4001', '/ip4/1.2.3.4/tcp/4001'], 'dialable'],
  ['a relay', [`/ip4/1.2.3.4/tcp/4001/p2p/${RELAY}/p2p-circuit`], 'relayed'],
  ['QUIC', ['/ip4/1.2.3.4/udp/4001/quic-v1'], 'transport'],
  ['QUIC and a relay', ['/ip4/1.2.3.4/udp/4001/quic-v1', `/ip4/1.2.3.4/tcp/4001/p2p/${RELAY}/p2p-circuit`], 'transport'],
  ['a private address and QUIC', ['/ip4/10.0.0.1/tcp/4001', '/ip4/1.2.3.4/udp/4001/quic-v1'], 'transport']
])('a peer with %s', async ([, addresses, reach]) => {
  expect(await named(addresses).reach(node, removePrivateAddressesMapper)).toEqual([[PEER, reach]])
})

test('a private address counts where private addresses are dialled', async () => {
  expect(await named(['/ip4/10.0.0.1/tcp/4001']).reach(node, passthroughMapper)).toEqual([[PEER, 'dialable']])
})

test('addresses add up', async () => {
  const peers = named(['/ip4/10.0.0.1/tcp/4001'])
  peers.hear({ id: peerIdFromString(PEER), multiaddrs: [multiaddr('/ip4/1.2.3.4/tcp/4001')] })
  peers.hear({ id: peerIdFromString(PEER), multiaddrs: [] })

  expect(await peers.reach(node, removePrivateAddressesMapper)).toEqual([[PEER, 'dialable']])
})

function named (addresses: string[]): NamedPeers {
  const peers = new NamedPeers()
  peers.hear({ id: peerIdFromString(PEER), multiaddrs: addresses.map(address => multiaddr(address)) })

  return peers
}
