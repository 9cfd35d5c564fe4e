import { setTimeout as delay } from 'node:timers/promises'
import { Libp2pRecord } from '@libp2p/record'
import { Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { toString } from 'uint8arrays/to-string'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import type { Datastore } from 'interface-datastore'

/**
 * The private parts of kad-dht that the servers of the testnet need. No other
 * file of the benchmarks knows them.
 */
interface KadDHTInternals {
  routingTable: {
    kb: {
      add (peer: PeerId): Promise<void>
      verify (): Promise<boolean>
      closest (kadId: Uint8Array): Iterable<PeerId>
    }
  }
  rpc: {
    handleMessage (from: PeerId, message: { type: string }): Promise<unknown>
  }
  peerRouting: {
    getClosestPeersOffline (key: Uint8Array): Promise<PeerInfo[]>
  }
  providers: {
    addProvider (cid: CID, provider: PeerId): Promise<void>
    getProviders (cid: CID): Promise<PeerId[]>
  }
}

/**
 * Changes a server's kad-dht from inside. It gives the server its routing table, its
 * records, and its way of misbehaving.
 */
export class ServerInternals {
  readonly #dht: KadDHTInternals
  readonly #datastore: Datastore

  constructor (dht: KadDHT, datastore: Datastore) {
    this.#dht = dht as unknown as KadDHTInternals
    this.#datastore = datastore
  }

  /**
   * Put peers into the k-buckets, dead ones too
   */
  async fillRoutingTable (peers: readonly PeerId[]): Promise<void> {
    const { kb } = this.#dht.routingTable
    const verify = kb.verify

    kb.verify = async () => true

    for (const peer of peers) {
      await kb.add(peer)
    }

    kb.verify = verify
  }

  /**
   * The k peers in the server's k-buckets that are closest to a place in the keyspace, as
   * the server itself finds them
   */
  closest (kadId: Uint8Array): PeerId[] {
    return [...this.#dht.routingTable.kb.closest(kadId)]
  }

  /**
   * Wait before every answer
   *
   * @param delayMs - Called anew for each answer
   */
  delayAnswers (delayMs: () => number): void {
    const { rpc } = this.#dht
    const handleMessage = rpc.handleMessage.bind(rpc)

    rpc.handleMessage = async (from, message) => {
      await delay(delayMs())

      return handleMessage(from, message)
    }
  }

  /**
   * Refuse to store values, as go-kad-dht refuses a value that is older than its own. The
   * stream of every such request is reset.
   */
  refusePuts (): void {
    const { rpc } = this.#dht
    const handleMessage = rpc.handleMessage.bind(rpc)

    rpc.handleMessage = async (from, message) => {
      if (message.type === 'PUT_VALUE') {
        throw new Error('This value is not wanted')
      }

      return handleMessage(from, message)
    }
  }

  /**
   * Name other peers than those that are closest to the key
   */
  nameInstead (closestPeers: (key: Uint8Array) => PeerInfo[]): void {
    this.#dht.peerRouting.getClosestPeersOffline = async key => closestPeers(key)
  }

  /** Store a value, as if a client had put it here */
  async storeValue (key: Uint8Array, value: Uint8Array): Promise<void> {
    await this.#datastore.put(recordKey(key), new Libp2pRecord(key, value, new Date()).serialize())
  }

  async holdsValue (key: Uint8Array): Promise<boolean> {
    return this.#datastore.has(recordKey(key))
  }

  /**
   * Store a provider record, as if a client had put it here
   *
   * @param multihash - Multihash of the content
   */
  async storeProvider (multihash: Uint8Array, provider: PeerId): Promise<void> {
    await this.#dht.providers.addProvider(contentId(multihash), provider)
  }

  async holdsProvider (multihash: Uint8Array, provider: PeerId): Promise<boolean> {
    const providers = await this.#dht.providers.getProviders(contentId(multihash))

    return providers.some(peer => peer.equals(provider))
  }
}

function recordKey (key: Uint8Array): Key {
  return new Key(`/dht/record/${toString(key, 'base32')}`)
}

function contentId (multihash: Uint8Array): CID {
  return CID.createV1(raw.code, Digest.decode(multihash))
}
