import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { vi } from 'vitest'
import type { KadDHT } from '@libp2p/kad-dht'

/**
 * A few stock kad-dht servers on this machine that all know each other
 */
export async function localNetwork (size: number, protocol: string): Promise<{ addresses: string[], stop (): Promise<void> }> {
  const nodes = await Promise.all(Array.from({ length: size }, async () => createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ protocol, clientMode: false, peerInfoMapper: passthroughMapper })
    }
  })))

  for (const [i, node] of nodes.entries()) {
    await Promise.all(nodes.slice(0, i).map(async other => node.dial(other.getMultiaddrs())))
  }

  await vi.waitUntil(() => nodes.every(({ services: { dht } }) => tableSize(dht) === size - 1), { timeout: 20_000 })

  return {
    addresses: nodes.flatMap(node => node.getMultiaddrs().map(String)),
    async stop () {
      await Promise.all(nodes.map(async node => node.stop()))
    }
  }
}

// not part of the interface, but nothing else tells when a table is complete
function tableSize (dht: KadDHT): number {
  return (dht as unknown as { routingTable: { size: number } }).routingTable.size
}
