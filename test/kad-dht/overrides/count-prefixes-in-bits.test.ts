import { expect, test } from 'vitest'
import { commonPrefixLength } from '../../../src/keyspace/common-prefix-length.ts'
import { kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import { scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { BOTH, meet, quietNode } from '../../libp2p/test-node.ts'

test('the common prefixes of a routing table are counted in bits', async () => {
  const node = await quietNode(BOTH.scoredKadDHT)
  const peers = await Promise.all(Array.from({ length: 4 }, async () => scriptedPeer()))
  await meet(node, ...peers)
  const [self, ...others] = await Promise.all([node.node.peerId, ...peers.map(({ peerId }) => peerId)].map(async id => kadIdOf(id.toMultihash().bytes)))

  expect([...node.dht.routingTableRefresh._prefixLengths()].sort()).toEqual(others.map(other => commonPrefixLength(self, other)).sort())
})
