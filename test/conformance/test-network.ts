import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { vi } from 'vitest'
import type { Identify } from '@libp2p/identify'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents, KadDHTInit, SingleKadDHT } from '@libp2p/kad-dht'
import type { Ping } from '@libp2p/ping'
import type { Libp2pOptions } from 'libp2p'

export const PROTOCOL = '/test/kad/1.0.0'

/** All nodes share a host: without this, the sixth that dials in a second is turned away */
const CONNECTION_MANAGER = { inboundConnectionThreshold: Infinity }

/** What `kadDHT` and everything that replaces it are */
export type KadDHTFactory = (init?: KadDHTInit) => (components: KadDHTComponents) => KadDHT

export type TestNode = Libp2p<{ identify: Identify, ping: Ping, dht: SingleKadDHT & KadDHT }>

/**
 * A few real nodes on 127.0.0.1, half of them stock, half made by the factory
 * under test, and as many more as a test wants
 */
export class TestNetwork {
  readonly servers: TestNode[] = []
  readonly #factory: KadDHTFactory
  readonly #nodes: Libp2p[] = []

  constructor (factory: KadDHTFactory) {
    this.#factory = factory
  }

  /** Start servers that all know each other */
  async start (servers: number): Promise<this> {
    for (let i = 0; i < servers; i++) {
      this.servers.push(await this.createNode({ clientMode: false }, {}, i % 2 === 0 ? this.#factory : kadDHT))
    }

    for (const [i, server] of this.servers.entries()) {
      await Promise.all(this.servers.slice(i + 1).map(async other => server.dial(other.getMultiaddrs())))
    }

    await Promise.all(this.servers.map(async server => waitForTable(server, servers - 1)))

    return this
  }

  /** A node whose DHT the factory under test made; not connected */
  async createNode (init: KadDHTInit = {}, options: Libp2pOptions = {}, factory = this.#factory): Promise<TestNode> {
    const node = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      connectionManager: CONNECTION_MANAGER,
      ...options,
      services: {
        identify: identify(),
        ping: ping(),
        dht: factory(testInit(init)) as (components: KadDHTComponents) => SingleKadDHT & KadDHT
      }
    })
    this.#nodes.push(node)

    return node
  }

  /** A node that joined: it knows these servers and has run its first self-query */
  async join (init: KadDHTInit = {}, servers = this.servers, options: Libp2pOptions = {}): Promise<TestNode> {
    const node = await this.createNode({ clientMode: true, ...init }, options)
    await Promise.all(servers.map(async server => node.dial(server.getMultiaddrs())))
    await waitForTable(node, servers.length)

    return node
  }

  /** A peer that accepts our requests and never answers any; known to these servers and to all nodes given */
  async addStallingPeer (...neighbours: TestNode[]): Promise<Libp2p> {
    const peer = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      connectionManager: CONNECTION_MANAGER,
      services: { identify: identify(), ping: ping() }
    })
    this.#nodes.push(peer)
    await peer.handle(PROTOCOL, () => {})

    for (const node of neighbours) {
      const size = node.services.dht.routingTable.size
      await node.dial(peer.getMultiaddrs())
      await waitForTable(node, size + 1)
    }

    return peer
  }

  async stop (): Promise<void> {
    await Promise.all(this.#nodes.map(async node => node.stop()))
  }
}

/**
 * Options that let kad-dht work on 127.0.0.1 without its first second of waiting
 */
export function testInit (init: KadDHTInit = {}): KadDHTInit {
  return {
    protocol: PROTOCOL,
    peerInfoMapper: passthroughMapper,
    initialQuerySelfInterval: 10,
    ...init,
    validators: { test: async () => {}, ...init.validators },
    selectors: { test: newestVersion, ...init.selectors }
  }
}

/**
 * Wait until a node has at least so many peers in its routing table
 */
export async function waitForTable (node: TestNode, size: number): Promise<void> {
  await vi.waitFor(() => {
    if (node.services.dht.routingTable.size < size) {
      throw new Error(`${node.services.dht.routingTable.size} peers in the table of ${node.peerId}, waiting for ${size}`)
    }
  }, { timeout: 15_000, interval: 20 })
}

/**
 * The ids as strings, sorted, to be compared as sets
 */
export function ids (peers: Iterable<PeerId | { peerId: PeerId } | { id: PeerId }>): string[] {
  return [...peers].map(peer => 'peerId' in peer ? peer.peerId.toString() : 'id' in peer ? peer.id.toString() : peer.toString()).sort()
}

/** Values are one byte, a version: the highest wins */
function newestVersion (_: Uint8Array, records: Uint8Array[]): number {
  return records.reduce((best, record, i) => record[0] > records[best][0] ? i : best, 0)
}
