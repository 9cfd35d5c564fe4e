import { libp2pDefaults } from '@helia/libp2p'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { createHelia } from 'helia'
import all from 'it-all'
import { onTestFinished, vi } from 'vitest'
import { scoredKadDHT } from '../../../src/service.ts'
import type { DefaultLibp2pServices, HeliaWithLibp2p } from '@helia/libp2p'
import type { SingleKadDHT } from '@libp2p/kad-dht'
import type { HeliaInit } from 'helia'
import type { ScoringInit } from '../../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../../src/service.ts'

/** Services that would look for servers on the internet, or for a router in this network */
const ONLINE_SERVICES = ['autoTLS', 'delegatedContentRouting', 'delegatedPeerRouting', 'upnp']

/** Nothing is asked over HTTP */
export const NO_HTTP = { delegatedRouters: [], recursiveGateways: [] }

/** Whose DHT a Helia node has */
export type Kind = 'ours' | 'stock'

/** The other kind */
export const OTHER: Readonly<Record<Kind, Kind>> = { ours: 'stock', stock: 'ours' }

export interface HeliaNodeInit extends Pick<HeliaInit, 'datastore' | 'logger'> {
  kind: Kind
  /** @default false */
  clientMode?: boolean
  scoring?: ScoringInit
}

/**
 * Helia's defaults, but for what reaches beyond this machine
 */
export function loopbackDefaults () {
  const libp2p = libp2pDefaults()
  libp2p.addresses = { listen: ['/ip4/127.0.0.1/tcp/0'] }
  libp2p.peerDiscovery = []
  // the nodes of a test share a host
  libp2p.connectionManager = { inboundConnectionThreshold: Infinity }
  Object.assign(libp2p.services, Object.fromEntries(ONLINE_SERVICES.map(name => [name, () => ({})])))

  return libp2p
}

/**
 * A Helia node that reaches nothing but this machine, started, until the test is over
 */
export async function heliaNode ({ kind, clientMode = false, scoring = {}, ...init }: HeliaNodeInit): Promise<HeliaWithLibp2p> {
  const libp2p = loopbackDefaults()
  const options = { peerInfoMapper: passthroughMapper, clientMode, initialQuerySelfInterval: 10 }
  libp2p.services.dht = kind === 'ours' ? scoredKadDHT({ ...options, scoring }) : kadDHT(options)

  return started(createHelia({ ...init, libp2p, http: NO_HTTP }))
}

/**
 * Start a Helia node, until the test is over
 */
export async function started<T extends HeliaWithLibp2p> (helia: T): Promise<T> {
  onTestFinished(async () => { await helia.stop() })
  await helia.start()

  return helia
}

/**
 * Connect a node to servers, and wait until these are in its routing table
 */
export async function join ({ libp2p }: HeliaWithLibp2p, ...servers: HeliaWithLibp2p[]): Promise<void> {
  await Promise.all(servers.map(async server => libp2p.dial(server.libp2p.getMultiaddrs())))
  await vi.waitFor(() => {
    if (dhtOf(libp2p).routingTable.size < servers.length) {
      throw new Error(`${dhtOf(libp2p).routingTable.size} peers in the routing table, waiting for ${servers.length}`)
    }
  }, { timeout: 15_000, interval: 20 })
}

/**
 * Wait until a server has a provider's record. The message that brings it has no answer.
 */
export async function storesProvider ({ datastore }: HeliaWithLibp2p): Promise<void> {
  await vi.waitFor(async () => {
    if ((await all(datastore.queryKeys({}))).every(key => !key.toString().startsWith('/dht/provider/'))) {
      throw new Error('no provider is known')
    }
  }, { timeout: 5_000, interval: 20 })
}

/**
 * The DHT of a node, of either kind
 */
export function dhtOf ({ services: { dht } }: { services: Pick<DefaultLibp2pServices, 'dht'> }): SingleKadDHT {
  return dht as SingleKadDHT
}

/**
 * The scores of a node that has our DHT
 */
export function scoresOf ({ services: { dht } }: { services: Pick<DefaultLibp2pServices, 'dht'> }): ScoredKadDHT['scores'] {
  return (dht as ScoredKadDHT).scores
}
