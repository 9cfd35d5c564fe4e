import { identify } from '@libp2p/identify'
import { kadDHT } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { scoredKadDHT } from 'libp2p-scored-routing'

const INIT = { protocol: '/bundled/kad/1.0.0', peerInfoMapper: peer => peer, initialQuerySelfInterval: 10 }

async function startNode (dht) {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), dht, ping: ping() }
  })
}

// a node with scores, at a location if one is given, looks something up at a node without
async function main (location) {
  const server = await startNode(kadDHT({ ...INIT, clientMode: false }))
  const client = await startNode(scoredKadDHT({ ...INIT, clientMode: true, scoring: location === undefined ? {} : { location } }))
  const restored = client.services.dht.scores.size
  let found = 0
  await client.dial(server.getMultiaddrs())

  for await (const event of client.services.dht.getClosestPeers(client.peerId.toMultihash().bytes)) {
    if (event.name === 'FINAL_PEER') {
      found++
    }
  }

  console.log(JSON.stringify({ restored, found, scored: client.services.dht.scores.get(server.peerId).class }))
  await client.stop()
  await server.stop()
}

main(process.argv[2]).catch(err => {
  console.error(err)
  process.exit(1)
})
