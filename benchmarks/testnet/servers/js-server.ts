import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { FixedPeerStore } from './fixed-peer-store.ts'
import { ServerInternals } from './server-internals.ts'
import { TESTNET_PROTOCOL } from '../testnet-protocol.ts'
import { recordOptions } from '../testnet-records.ts'
import type { TestnetPeer } from '../testnet-peer.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'
import type { Libp2p } from 'libp2p'

/** The longest time that a timer can have, ms. Servers never start lookups, so that their tables stay as they were made. */
const NEVER_MS = 2 ** 31 - 1

/** More connections than all arms together can open, so that no server ever turns a client away */
const NO_LIMIT = 100_000

/**
 * How a server differs from a normal kad-dht node
 */
export interface Habits {
  /** Time to wait before each answer, ms */
  delayMs?: () => number
  /** Peers to name in every answer, in place of the real ones */
  nameInstead?: (key: Uint8Array) => PeerInfo[]
}

/**
 * A live peer of the testnet: a real libp2p node with kad-dht in server mode,
 * whose routing table is given to it. It can be stopped and started again on the
 * same port, and keeps its records over that.
 */
export class TestnetServer {
  readonly #peer: TestnetPeer
  readonly #datastore = new MemoryDatastore()
  readonly #peerStore = new FixedPeerStore()
  #node: Libp2p<{ dht: KadDHT }> | undefined
  #internals: ServerInternals | undefined
  #table: PeerId[] = []

  constructor (peer: TestnetPeer) {
    this.#peer = peer
  }

  /**
   * What can be done to the kad-dht of the running server
   *
   * @throws {Error} It is not running
   */
  get internals (): ServerInternals {
    if (this.#internals === undefined) {
      throw new Error(`${this.#peer.id.toString()} is not running`)
    }

    return this.#internals
  }

  /**
   * @param port - On 127.0.0.1
   */
  async start (port: number, { delayMs, nameInstead }: Habits = {}): Promise<void> {
    const node = await createLibp2p({
      privateKey: this.#peer.privateKey,
      addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}`] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      connectionManager: {
        maxConnections: NO_LIMIT,
        inboundConnectionThreshold: NO_LIMIT,
        maxIncomingPendingConnections: NO_LIMIT
      },
      services: {
        // clients identify servers, but servers need not know who their clients are
        identify: identify({ runOnConnectionOpen: false }),
        ping: ping(),
        dht: (components: KadDHTComponents) => kadDHT({
          ...recordOptions,
          protocol: TESTNET_PROTOCOL,
          clientMode: false,
          peerInfoMapper: passthroughMapper,
          initialQuerySelfInterval: NEVER_MS,
          querySelfInterval: NEVER_MS
        })(Object.create(components, {
          datastore: { value: this.#datastore },
          peerStore: { value: this.#peerStore }
        }) as KadDHTComponents)
      }
    })

    this.#node = node
    this.#internals = new ServerInternals(node.services.dht, this.#datastore)
    await this.#internals.fillRoutingTable(this.#table)

    if (delayMs !== undefined) {
      this.#internals.delayAnswers(delayMs)
    }

    if (nameInstead !== undefined) {
      this.#internals.nameInstead(nameInstead)
    }
  }

  /**
   * Give the server its routing table, now and for each later start
   */
  async know (peers: readonly PeerInfo[]): Promise<void> {
    this.#table = peers.map(({ id }) => id)

    for (const { id, multiaddrs } of peers) {
      this.#peerStore.set(id, multiaddrs)
    }

    await this.#internals?.fillRoutingTable(this.#table)
  }

  /**
   * Hold a provider record, the provider's addresses included
   */
  async storeProvider (multihash: Uint8Array, { id, multiaddrs }: PeerInfo): Promise<void> {
    this.#peerStore.set(id, multiaddrs)
    await this.internals.storeProvider(multihash, id)
  }

  /**
   * Reset all connections that others have to it
   */
  dropConnections (): void {
    this.#node?.getConnections().forEach(connection => { connection.abort(new Error('The server drops its connections')) })
  }

  async stop (): Promise<void> {
    const node = this.#node

    this.#node = undefined
    this.#internals = undefined
    await node?.stop()
  }
}
