import { kadDHTInternals } from '../../src/kad-dht/internals.ts'
import type { KBucketTrie } from '../../src/kad-dht/internals.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'

interface FillableTrie extends KBucketTrie {
  verify: () => Promise<boolean>
  add (peer: PeerId): Promise<void>
}

/**
 * Put peers into a node's k-buckets, dead ones too, as a table comes to hold them
 * when peers go away
 */
export async function fillTable (node: TestNode, peers: readonly PeerInfo[]): Promise<void> {
  const kb = kadDHTInternals(node.services.dht).routingTable.kb as FillableTrie
  const { verify } = kb
  kb.verify = async () => true

  for (const { id, multiaddrs } of peers) {
    await node.peerStore.merge(id, { multiaddrs })
    await kb.add(id)
  }

  kb.verify = verify
}
