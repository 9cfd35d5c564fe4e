import { identify } from '@libp2p/identify'
import { passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { scoredKadDHT } from 'libp2p-scored-routing'

/**
 * A node with scores, as its users make one
 */
export async function startNode (addresses, init) {
  return createLibp2p({
    addresses,
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      dht: scoredKadDHT({ protocol: '/runtimes/kad/1.0.0', peerInfoMapper: passthroughMapper, initialQuerySelfInterval: 10, ...init }),
      ping: ping()
    }
  })
}
