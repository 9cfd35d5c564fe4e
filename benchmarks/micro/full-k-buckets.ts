import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { kadDHTInternals } from '../../src/kad-dht/internals.ts'
import { ServerInternals } from '../testnet/servers/server-internals.ts'
import { testnetPeer } from '../testnet/testnet-peer.ts'
import type { InternalRoutingTable } from '../../src/kad-dht/internals.ts'
import type { TestnetPeer } from '../testnet/testnet-peer.ts'

/** kad-dht's defaults: 2^6 k-buckets of 20 peers each */
const PREFIX_BITS = 6
const K = 20

/**
 * The kad-dht of a real node that is never started. All of its k-buckets are full, with
 * 1,280 peers, which is the most that it can know.
 */
export interface FullKBuckets {
  routingTable: InternalRoutingTable
  internals: ServerInternals
  peers: TestnetPeer[]
}

/**
 * Fill kad-dht's k-buckets with real peer ids
 *
 * @throws {Error} The k-buckets do not hold the expected number of peers
 */
export async function fullKBuckets (seed: number): Promise<FullKBuckets> {
  const node = await createLibp2p({
    start: false,
    privateKey: (await testnetPeer(seed, 'micro')).privateKey,
    services: { identify: identify(), ping: ping(), dht: kadDHT({ peerInfoMapper: passthroughMapper }) }
  })
  const { routingTable } = kadDHTInternals(node.services.dht)
  const internals = new ServerInternals(node.services.dht, new MemoryDatastore())
  const peers = await peersOfAllBuckets(seed)

  await internals.fillRoutingTable(peers.map(({ id }) => id))

  if (routingTable.size !== peers.length) {
    throw new Error(`kad-dht's k-buckets were to hold ${peers.length} peers and hold ${routingTable.size}`)
  }

  return { routingTable, internals, peers }
}

async function peersOfAllBuckets (seed: number): Promise<TestnetPeer[]> {
  const buckets = new Map<number, TestnetPeer[]>()
  let missing = K * 2 ** PREFIX_BITS

  for (let index = 0; missing > 0; index++) {
    const peer = await testnetPeer(seed, index)
    const prefix = peer.kadId[0] >>> (8 - PREFIX_BITS)
    const bucket = buckets.get(prefix) ?? []

    if (bucket.length < K) {
      buckets.set(prefix, [...bucket, peer])
      missing--
    }
  }

  return [...buckets.values()].flat()
}
