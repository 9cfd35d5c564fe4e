import { identify } from '@libp2p/identify'
import { passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { scoredKadDHT } from 'libp2p-scored-routing'

// a visit: what the last one left behind, then a lookup
async function visit () {
  const node = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: {
      identify: identify(),
      dht: scoredKadDHT({ protocol: '/bundled/kad/1.0.0', peerInfoMapper: passthroughMapper, initialQuerySelfInterval: 10, scoring: { location: 'peer-scores' } }),
      ping: ping()
    }
  })
  const restored = node.services.dht.scores.top().map(({ id }) => id.toString())
  const servers = new URL(document.URL).searchParams.getAll('server')
  await Promise.all(servers.map(address => node.dial(multiaddr(address))))
  const found = []

  for await (const event of node.services.dht.getClosestPeers(crypto.getRandomValues(new Uint8Array(32)))) {
    if (event.name === 'FINAL_PEER') {
      found.push(event.peer.id.toString())
    }
  }

  await node.stop()

  return { restored: restored.sort(), found: found.sort() }
}

globalThis.visit = visit().catch(err => ({ error: `${err.stack}` }))
