import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { startNode } from './start-node.js'

// a node that keeps its scores at a location asks these servers, and says what it found
async function main (location, ...servers) {
  // it does not listen, and names an address all the same: servers drop a record whose provider has none
  const node = await startNode({ announce: ['/ip4/127.0.0.1/tcp/9'] }, { clientMode: true, scoring: { location } })
  const { dht } = node.services
  const restored = idsOf(dht.scores.top())
  const cid = CID.createV1(0x55, identity.digest(node.peerId.toMultihash().bytes))
  await Promise.all(servers.map(async server => node.dial(multiaddr(server))))
  const closest = await peersOf(dht.getClosestPeers(cid.multihash.bytes), event => event.name === 'FINAL_PEER' ? [event.peer] : [])
  await peersOf(dht.provide(cid), () => [])
  const providers = await peersOf(dht.findProviders(cid), event => event.name === 'PROVIDER' ? event.providers : [])
  const good = idsOf(dht.scores.top().filter(peer => peer.class === 'good'))

  console.log(JSON.stringify({ restored, closest, providers, good, id: node.peerId.toString(), multihash: Array.from(cid.multihash.bytes) }))
  await node.stop()
}

async function peersOf (events, inEvent) {
  const peers = []

  for await (const event of events) {
    peers.push(...inEvent(event))
  }

  return idsOf(peers)
}

function idsOf (peers) {
  return [...new Set(peers.map(({ id }) => id.toString()))].sort()
}

// after a node with TCP the event loop of Deno does not end by itself, not even after stock kad-dht
main(...process.argv.slice(2)).then(() => process.exit(0), err => {
  console.error(err)
  process.exit(1)
})
