import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'
import type { Libp2p } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

/**
 * A real node without a DHT, until the test is over, and the components that it gives its services
 */
export async function componentsOf (options: Libp2pOptions = {}): Promise<{ node: Libp2p, components: KadDHTComponents }> {
  const given: KadDHTComponents[] = []
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    ...options,
    services: {
      identify: identify(),
      ping: ping(),
      tap: (components: KadDHTComponents) => {
        given.push(components)

        return {}
      }
    }
  })
  onTestFinished(async () => { await node.stop() })

  return { node, components: given[0] }
}
