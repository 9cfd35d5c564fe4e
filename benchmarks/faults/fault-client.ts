import { identify } from '@libp2p/identify'
import { passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { TESTNET_PROTOCOL } from '../testnet/testnet-protocol.ts'
import { recordOptions } from '../testnet/testnet-records.ts'
import { faultyTransport } from './faulty-transport.ts'
import type { FaultyLinks } from './faulty-links.ts'
import type { Libp2p, PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents, KadDHTInit, QueryEvent } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

/** Number of peers that are connected to at the same time. All processors are busy then, so no peer is asked meanwhile. */
const CONNECTING = 40

/** Number of peers that are asked at the same time. They are so few that answers take no longer than the links do. */
const ASKING = 12

/** Number of peers that are dialled for their first request, which teaches the node what a dial costs, and how many of them at the same time */
const DIALLED_TO_ASK = { peers: 10, atOnce: 3 }

/** Number of answers that make a peer good beyond doubt, because a score covers about three outcomes */
const ANSWERS = 4

/** `kadDHT`, or a function that replaces it */
export type DHTFactory = (init?: KadDHTInit) => (components: KadDHTComponents) => KadDHT

export type FaultClient = Libp2p<{ dht: KadDHT }>

/** Private parts of kad-dht, with which a client can know peers without having looked anything up */
interface Internals {
  routingTable: {
    kb: {
      add (peer: PeerId): Promise<void>
      verify (): Promise<boolean>
    }
  }
  network: {
    sendRequest (to: PeerId, message: { type: string, key: Uint8Array }, options: object): AsyncIterable<QueryEvent>
  }
}

export interface FaultClientInit {
  factory: DHTFactory
  links: FaultyLinks
  init?: KadDHTInit
  options?: Libp2pOptions
}

/**
 * The node under test, stock or scored, made by the same code. It never starts a lookup
 * by itself.
 */
export async function createFaultClient ({ factory, links, init = {}, options = {} }: FaultClientInit): Promise<FaultClient> {
  return createLibp2p({
    // servers keep no provider record without an address, so the node announces one that nobody dials
    addresses: { announce: ['/ip4/192.0.2.1/tcp/4001'] },
    transports: [faultyTransport(links)],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    ...options,
    services: {
      identify: identify(),
      ping: ping(),
      dht: factory({
        ...recordOptions,
        protocol: TESTNET_PROTOCOL,
        clientMode: true,
        peerInfoMapper: passthroughMapper,
        allowQueryWithZeroPeers: true,
        initialQuerySelfInterval: 3_600_000,
        ...init
      }) as (components: KadDHTComponents) => KadDHT
    }
  })
}

/**
 * Let a client know peers, dead ones too: it gets their addresses and puts them into its
 * routing table
 */
export async function tellOf (client: FaultClient, peers: readonly PeerInfo[]): Promise<void> {
  const { kb } = internals(client).routingTable
  const { verify } = kb
  kb.verify = async () => true

  for (const { id, multiaddrs } of peers) {
    await client.peerStore.merge(id, { multiaddrs })
    await kb.add(id)
  }

  kb.verify = verify
}

/**
 * Let a client know peers, and have each of them answer it a few times
 *
 * @throws {Error} One of them does not answer
 */
export async function meet (client: FaultClient, peers: readonly PeerInfo[], answers: number = ANSWERS): Promise<void> {
  await tellOf(client, peers)
  await forAll(peers.slice(DIALLED_TO_ASK.peers), CONNECTING, async ({ id }) => { await client.dial(id) })
  await forAll(peers.slice(0, DIALLED_TO_ASK.peers), DIALLED_TO_ASK.atOnce, async ({ id }) => { await ask(client, id) })
  await forAll(peers, ASKING, async ({ id }) => {
    for (let i = 0; i < answers; i++) {
      await ask(client, id)
    }
  })
}

/**
 * Send one request to a peer
 *
 * @throws {Error} The peer does not answer
 */
export async function ask (client: FaultClient, peer: PeerId): Promise<void> {
  const message = { type: 'FIND_NODE', key: peer.toMultihash().bytes }

  for await (const event of internals(client).network.sendRequest(peer, message, { path: { index: 0, queued: 0, running: 1, total: 1 } })) {
    if (event.name === 'QUERY_ERROR') {
      throw event.error
    }
  }
}

async function forAll<T> (items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]

  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await work(next)
    }
  }))
}

function internals (client: FaultClient): Internals {
  return client.services.dht as unknown as Internals
}
