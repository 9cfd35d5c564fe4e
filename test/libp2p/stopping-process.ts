import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import { createLibp2p } from 'libp2p'
import { MemoryLevel } from 'memory-level'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { scoredKadDHT } from '../../src/service.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { Libp2p } from '@libp2p/interface'

// Started by a test with a task and the address of a silent port: starts nodes, stops
// them as the task has it, says so and leaves it to Node to end the process

const PROTOCOL = '/test/kad/1.0.0'
const KEY = new TextEncoder().encode('/test/key')
const [task, silentAddress] = process.argv.slice(2)
const nodes: Array<Libp2p<{ dht: ScoredKadDHT }>> = []

const tasks: Record<string, () => Promise<void>> = {
  async 'start, use and stop three times' () {
    const node = await connectedNode()

    for (let cycle = 0; cycle < 3; cycle++) {
      await all(node.services.dht.put(KEY, Uint8Array.of(cycle)))
      await all(node.services.dht.get(KEY))
      await node.services.dht.refreshRoutingTable()
      await node.stop()
      await node.start()
      await node.dial(nodes[0].getMultiaddrs())
    }
  },

  async 'stop at once' () {
    const node = await newNode()
    await node.stop()
    await node.start()
  },

  async 'stop during lookups' () {
    const node = await connectedNode()
    const deaf = await newNode()
    await deaf.unhandle(PROTOCOL)
    await deaf.handle(PROTOCOL, () => {})
    await node.dial(deaf.getMultiaddrs())
    await until(() => node.services.dht.routingTable.size >= 3)

    for (let lookup = 0; lookup < 3; lookup++) {
      all(node.services.dht.getClosestPeers(Uint8Array.of(lookup))).catch(() => {})
    }

    await until(() => node.getConnections(deaf.peerId).some(({ streams }) => streams.some(({ protocol }) => protocol === PROTOCOL)))
  },

  async 'stop during lookups that passed their soft deadlines' () {
    const node = await connectedNode({ parameters: { initialLatencyMs: 10, initialLatencyDeviationMs: 1, maxSoftDeadlineMs: 100 } })
    const deaf = await newNode()
    await deaf.unhandle(PROTOCOL)
    await deaf.handle(PROTOCOL, () => {})
    await node.dial(deaf.getMultiaddrs())
    await until(() => node.services.dht.routingTable.size >= 3)
    await all(node.services.dht.getClosestPeers(KEY))
  },

  async 'stop during the warm start' () {
    const node = await newNode({ level: await levelOfGoodPeers(30) })
    await until(() => node.getDialQueue().some(({ status }) => status === 'active'))
  },

  async 'stop during introductions' () {
    const node = await connectedNode()
    const ids = await Promise.all(Array.from({ length: 20 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
    const { onPeerConnect } = node.services.dht as unknown as { onPeerConnect: (peer: object) => Promise<void> }
    await Promise.all(ids.map(async id => {
      await node.peerStore.merge(id, { multiaddrs: [multiaddr(silentAddress)] })
      await onPeerConnect({ id, multiaddrs: [multiaddr(silentAddress)] })
    }))
    await until(() => node.getDialQueue().some(({ status }) => status === 'active'))
  }
}

await tasks[task]()
await Promise.all(nodes.map(async node => node.stop()))
console.log('stopped')

async function connectedNode (scoring?: ScoringInit): Promise<Libp2p<{ dht: ScoredKadDHT }>> {
  const servers = [await newNode(), await newNode()]
  const node = await newNode(scoring)
  await Promise.all(servers.map(async server => node.dial(server.getMultiaddrs())))
  await until(() => node.services.dht.routingTable.size >= 2)

  return node
}

async function newNode (scoring: ScoringInit = {}): Promise<Libp2p<{ dht: ScoredKadDHT }>> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: scoredKadDHT({
        protocol: PROTOCOL,
        clientMode: false,
        peerInfoMapper: passthroughMapper,
        initialQuerySelfInterval: 10,
        validators: { test: async () => {} },
        selectors: { test: () => 0 },
        scoring
      })
    }
  })
  nodes.push(node)

  return node
}

/** What an earlier run would have left: peers that always answered, whose addresses are silent now */
async function levelOfGoodPeers (count: number): Promise<MemoryLevel<Uint8Array, Uint8Array>> {
  const level = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  const store = new LevelScoreStore({ db: level, prefix: PROTOCOL })
  await store.open()
  await store.write({
    put: await Promise.all(Array.from({ length: count }, async () => ({
      peer: peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toMultihash().bytes,
      score: { reliability: 1, weight: 3, latencyMs: 20, latencyDeviationMs: 5, referral: 0.5, referralWeight: 1, lastOutcome: 'responded' as const, answeringSince: Date.now(), answeredAt: Date.now(), updatedAt: Date.now() },
      addresses: [{ multiaddr: multiaddr(silentAddress).bytes, reliability: 1 }]
    }))),
    delete: []
  })
  await store.close()

  return level
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
}
