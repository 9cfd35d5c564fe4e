import { pbStream } from '@libp2p/utils'
import { dhtMessageCodec } from '../../../src/kad-dht/dht-message.ts'
import { plainNode } from './plain-node.ts'
import type { DHTMessage } from '../../../src/kad-dht/dht-message.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const TIMEOUT_MS = 5_000

/**
 * Send a peer one request from a node that no routing table takes in, as it does not speak
 * the DHT's protocol itself. So the answer is what the peer knows, and nothing else changes.
 *
 * @param address - Ends in /p2p/ and the peer's id
 */
export async function askPeer (address: Multiaddr, protocol: string, request: Partial<DHTMessage>): Promise<DHTMessage> {
  const node = await plainNode()
  const signal = AbortSignal.timeout(TIMEOUT_MS)

  try {
    const messages = pbStream(await node.dialProtocol(address, protocol, { signal })).pb(dhtMessageCodec)
    await messages.write({ type: 'PING', closer: [], providers: [], ...request }, { signal })

    return await messages.read({ signal })
  } finally {
    await node.stop()
  }
}
