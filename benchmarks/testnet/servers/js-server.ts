import { createHash } from 'node:crypto'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { compareDistance } from '../../../src/keyspace/xor-distance.ts'
import { KAD_DHT_DEFAULTS } from '../../../src/parameters/kad-dht-defaults.ts'
import { FixedPeerStore } from './fixed-peer-store.ts'
import { ServerInternals } from './server-internals.ts'
import { TESTNET_PROTOCOL } from '../testnet-protocol.ts'
import { recordOptions } from '../testnet-records.ts'
import type { Habits, Server } from './server.ts'
import type { Random } from '../../random/random.ts'
import type { TestnetPeer } from '../testnet-peer.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'
import type { Libp2p } from 'libp2p'

/** The longest time that a timer can have, ms. Servers never start lookups, so that their tables stay as they were made. */
const NEVER_MS = 2 ** 31 - 1

/** More connections than all arms together can open, so that no server ever turns a client away */
const NO_LIMIT = 100_000

export interface JsServerInit {
  /** How many of the peers in `names` it names */
  k?: number
  /** Uniform in [0, 1). A slow server draws its delays from it. */
  random?: Random
}

/**
 * A server of the testnet that is a js-libp2p node with kad-dht
 */
export class JsServer implements Server {
  readonly #peer: TestnetPeer
  readonly #k: number
  readonly #random: Random
  readonly #datastore = new MemoryDatastore()
  readonly #peerStore = new FixedPeerStore()
  #node: Libp2p<{ dht: KadDHT }> | undefined
  #internals: ServerInternals | undefined
  #table: PeerId[] = []

  constructor (peer: TestnetPeer, { k = KAD_DHT_DEFAULTS.kBucketSize, random = Math.random }: JsServerInit = {}) {
    this.#peer = peer
    this.#k = k
    this.#random = random
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

  async start (port: number): Promise<void> {
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
  }

  async setHabits ({ slowMs, names }: Habits): Promise<void> {
    const { internals } = this

    if (slowMs !== undefined) {
      internals.delayAnswers(() => slowMs.min + this.#random() * (slowMs.max - slowMs.min))
    }

    if (names !== undefined) {
      internals.nameInstead(closestOf(names, this.#k))
    }
  }

  async know (peers: readonly PeerInfo[]): Promise<void> {
    this.#table = peers.map(({ id }) => id)

    for (const { id, multiaddrs } of peers) {
      this.#peerStore.set(id, multiaddrs)
    }

    await this.#internals?.fillRoutingTable(this.#table)
  }

  async storeValue (key: Uint8Array, value: Uint8Array): Promise<void> {
    await this.internals.storeValue(key, value)
  }

  async holdsValue (key: Uint8Array): Promise<boolean> {
    return this.internals.holdsValue(key)
  }

  async storeProvider (multihash: Uint8Array, { id, multiaddrs }: PeerInfo): Promise<void> {
    this.#peerStore.set(id, multiaddrs)
    await this.internals.storeProvider(multihash, id)
  }

  async holdsProvider (multihash: Uint8Array, provider: string): Promise<boolean> {
    return this.internals.holdsProvider(multihash, peerIdFromString(provider))
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

/** Gives the k of some peers that are closest to a key */
function closestOf (peers: readonly PeerInfo[], k: number): (key: Uint8Array) => PeerInfo[] {
  const placed = peers.map(peer => ({ peer, kadId: sha256(peer.id.toMultihash().bytes) }))

  return key => {
    const target = sha256(key)

    return placed.toSorted((a, b) => compareDistance(target, a.kadId, b.kadId)).slice(0, k).map(({ peer }) => peer)
  }
}

function sha256 (bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
