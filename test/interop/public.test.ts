import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { builtProgram, notBuilt } from '../../benchmarks/foreign/built-program.ts'
import { nameServer } from '../../benchmarks/public/name-server.ts'
import { runPublic } from '../../benchmarks/public/run-public.ts'
import { scoredKadDHT } from '../../src/index.ts'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { kadIdOf } from '../../src/libp2p/peers/kad-id-of.ts'
import { startMixedNetwork } from './public/mixed-network.ts'
import type { PublicOptions } from '../../benchmarks/public/public-options.ts'
import type { Sample } from '../../benchmarks/report/results.ts'
import type { ScoredKadDHT } from '../../src/index.ts'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import type { MixedNetwork, MixedServer } from './public/mixed-network.ts'

const isBuilt = builtProgram('go-peers') !== undefined

const SERVERS = 50
/** Go lets the public network's protocol have no other */
const K = 20
const PROTOCOL = '/ipfs/kad/1.0.0'
const KEY = new TextEncoder().encode('key')

if (!isBuilt) {
  console.warn(notBuilt('go-peers'))
}

describe.skipIf(!isBuilt)('a network of Go servers that is as mixed as the public one', () => {
  let network: MixedNetwork

  beforeAll(async () => {
    network = await startMixedNetwork({ servers: SERVERS, protocol: PROTOCOL, k: K })
  })

  afterAll(async () => {
    await network?.stop()
  })

  test('lets a scored node find the closest peers that it can dial, and try no other', async () => {
    const node = await startNode()
    const strays = network.strays()

    const found = await closestPeers(node)
    const dialable = network.servers.filter(({ isDialable }) => isDialable)

    expect(found).toHaveLength(K)
    expect(found.filter(id => dialable.every(server => server.id !== id))).toEqual([])
    // a server names its closest peers whether we can dial them or not, so the last of ours may be named by nobody
    expect((await closestOf(dialable)).filter(id => found.includes(id)).length).toBeGreaterThanOrEqual(0.8 * K)
    expect(network.strays()).toBe(strays)
  })

  test('moves no score of a peer that can\'t be dialled', async () => {
    const node = await startNode()
    await closestPeers(node)
    const { scores } = node.services.dht

    const isScored = ({ id }: MixedServer): boolean => scores.get(peerIdFromString(id)).record !== undefined

    expect(network.servers.filter(server => !server.isDialable && isScored(server)).map(({ kind }) => kind)).toEqual([])
    expect(network.servers.filter(isScored).length).toBeGreaterThanOrEqual(K)
    // they were named
    expect(await node.peerStore.has(peerIdFromString(network.servers.find(({ kind }) => kind === 'QUIC only')?.id ?? ''))).toBe(true)
  })

  test('meets agents of several versions', async () => {
    const node = await startNode()
    await closestPeers(node)

    await vi.waitFor(async () => {
      const agents = (await node.peerStore.all()).map(({ metadata }) => new TextDecoder().decode(metadata.get('AgentVersion')))
      expect(agents).toEqual(expect.arrayContaining(['kubo/0.39.0/', 'kubo/0.34.1/4649554/docker', 'storm']))
    })
  })

  test('is a ground for the public benchmark, which says what can\'t be dialled', async () => {
    const asked = network.asked.length
    const { samples, notes } = await runBenchmark({ arms: ['kad-dht', 'scored'], operations: ['closest-peers'] })

    expect(samples.map(({ arm, failed }) => [arm, failed]).sort()).toEqual([['kad-dht', false], ['scored', false]])
    expect(samples.find(({ arm }) => arm === 'scored')?.recall).toBeGreaterThanOrEqual(0.8)
    expect(notes).toEqual([
      expect.stringMatching(/^Of \d+ peers that were named, \d+ can't be dialled from here: [1-5] tell private addresses only, [1-5] are behind relays only, (\d|10) speak other transports only/)
    ])
    expect(network.asked.slice(asked)).toContain('_dnsaddr.bootstrap.test')
  })

  test('lets a scored client provide, put and find providers', async () => {
    const { samples } = await runBenchmark({ arms: ['scored'], operations: ['provide', 'put-value', 'find-providers'] })

    expect(samples.map(({ operation, reason }) => [operation, reason])).toEqual([['provide', undefined], ['put-value', undefined], ['find-providers', undefined]])
  })

  /** The samples and notes of the public benchmark, with one key for each operation */
  async function runBenchmark (options: Pick<PublicOptions, 'arms' | 'operations'>): Promise<{ samples: Sample[], notes: string[] }> {
    const samples: Sample[] = []
    const notes: string[] = []

    await runPublic({
      bootstrap: network.bootstrap,
      dns: network.dns,
      protocol: PROTOCOL,
      lookups: 1,
      seed: 1,
      timeoutMs: 20_000,
      connectTimeoutMs: 10_000,
      trainLookups: 0,
      k: K,
      ...options
    }, {
      onSample: sample => { samples.push(sample) },
      onScores: () => {},
      onTrace: () => {},
      onMeasure: () => {},
      onNote: note => { notes.push(note) },
      onProgress: () => {},
      signal: new AbortController().signal
    })

    return { samples, notes }
  }

  /** A client that starts from the bootstrap addresses, until the test is over */
  async function startNode (): Promise<Libp2p<ServiceMap & { dht: ScoredKadDHT }>> {
    const { dns, lookup } = nameServer(network.dns)
    const dialOpts = { keepAlive: true, lookup }
    const node = await createLibp2p({
      dns,
      transports: [tcp({ dialOpts })],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: {
        identify: identify(),
        ping: ping(),
        dht: scoredKadDHT({ protocol: PROTOCOL, clientMode: true, kBucketSize: K, peerInfoMapper: removePrivateAddressesMapper })
      }
    })
    onTestFinished(async () => { await node.stop() })
    await Promise.all(network.bootstrap.map(async address => node.dial(multiaddr(address))))

    return node
  }
})

/** Printable ids of the peers that a lookup finds */
async function closestPeers (node: Libp2p<ServiceMap & { dht: ScoredKadDHT }>): Promise<string[]> {
  const found: string[] = []

  for await (const event of node.services.dht.getClosestPeers(KEY)) {
    if (event.name === 'FINAL_PEER') {
      found.push(event.peer.id.toString())
    }
  }

  return found
}

/** The same of those that it should find */
async function closestOf (servers: MixedServer[]): Promise<string[]> {
  const target = await kadIdOf(KEY)
  const placed = await Promise.all(servers.map(async ({ id }) => ({ id, kadId: await kadIdOf(peerIdFromString(id).toMultihash().bytes) })))

  return placed.sort((a, b) => compareDistance(target, a.kadId, b.kadId)).slice(0, K).map(({ id }) => id)
}
