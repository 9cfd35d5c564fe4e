import { setTimeout as delay } from 'node:timers/promises'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import drain from 'it-drain'
import { createLibp2p } from 'libp2p'
import { scoredKadDHT } from '../../src/service.ts'
import { testInit } from '../conformance/test-network.ts'

// Started by a test: a node with its scores at `location` that looks up keys without
// end, and prints when each of its scores last changed

const [location, flushIntervalMs, ...addresses] = process.argv.slice(2)

const node = await createLibp2p({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionMonitor: { enabled: false },
  services: {
    identify: identify(),
    ping: ping(),
    dht: scoredKadDHT({ ...testInit({ clientMode: true }), scoring: { location, flushIntervalMs: Number(flushIntervalMs) } })
  }
})
const { dht } = node.services

await Promise.all(addresses.map(async address => node.dial(multiaddr(address))))

while (true) {
  await drain(dht.getClosestPeers(crypto.getRandomValues(new Uint8Array(32))))
  const updatedAt = Object.fromEntries(dht.scores.top().map(({ id, record }) => [id.toString(), record?.updatedAt]))
  console.log(JSON.stringify({ at: Date.now(), updatedAt }))
  await delay(20)
}
