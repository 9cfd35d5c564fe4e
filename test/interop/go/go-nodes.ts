import { peerIdFromString } from '@libp2p/peer-id'
import { sha256 } from 'multiformats/hashes/sha2'
import { goPeers } from '../../../benchmarks/foreign/go-peers.ts'
import { testnetPeer } from '../../../benchmarks/testnet/testnet-peer.ts'
import { VALUE_NAMESPACE } from '../../../benchmarks/testnet/testnet-records.ts'
import { compareDistance } from '../../../src/keyspace/xor-distance.ts'
import { kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import type { NodeInit, PeerAddress, ProgramPerformance, ProgramTask } from '../../../benchmarks/foreign/peer-program.ts'

/** Never that of a real network */
export const GO_PROTOCOL = '/go-nodes-test/kad/1.0.0'

/** An address for those who do not listen. Servers keep no provider record without one. */
export const NOWHERE = '/ip4/192.0.2.1/tcp/4001'

const SEED = 1

/**
 * Nodes of go-libp2p-kad-dht in a process, for tests of the program that runs them
 */
export class GoNodes {
  /** @throws {Error} The program is not built */
  readonly program = goPeers('go-peers')

  /**
   * Start a server on loopback, whose routing table stays as it is given to it
   */
  async server (name: string, init: Partial<NodeInit> = {}): Promise<PeerAddress> {
    const { privateKey } = await testnetPeer(SEED, name)

    return this.program.call('startNode', {
      name,
      privateKey: privateKey.raw,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      protocol: GO_PROTOCOL,
      mode: 'server',
      k: 20,
      refresh: false,
      provide: 'classic',
      links: [],
      ...init
    })
  }

  async servers (name: string, count: number): Promise<PeerAddress[]> {
    return Promise.all(Array.from({ length: count }, async (_, index) => this.server(`${name} ${index}`)))
  }

  /**
   * Start a client that knows some peers
   */
  async client (name: string, known: PeerAddress[], init: Partial<NodeInit> = {}): Promise<PeerAddress> {
    const client = await this.server(name, { mode: 'client', listen: [], announce: [NOWHERE], ...init })

    await this.program.call('know', { name, peers: known })

    return client
  }

  async perform (name: string, task: Partial<ProgramTask> & Pick<ProgramTask, 'operation' | 'key'>, timeoutMs = 20_000): Promise<ProgramPerformance> {
    return this.program.call('perform', { name, timeoutMs, task: { value: new Uint8Array(), providers: [], ...task } })
  }
}

/**
 * The peer with this name, at an address of its own
 */
export async function peerAt (name: string, multiaddr: string): Promise<PeerAddress> {
  const { id } = await testnetPeer(SEED, name)

  return { id: id.toString(), multiaddrs: [multiaddr] }
}

/**
 * The key of a value
 */
export function valueKey (name: string): Uint8Array {
  return new TextEncoder().encode(`/${VALUE_NAMESPACE}/${name}`)
}

/**
 * The multihash of a text
 */
export async function multihashOf (text: string): Promise<Uint8Array> {
  return (await sha256.digest(new TextEncoder().encode(text))).bytes
}

/**
 * Printable ids of the peers that are closest to a key, the closest first
 */
export async function closestTo (key: Uint8Array, peers: PeerAddress[], count: number): Promise<string[]> {
  const target = await kadIdOf(key)
  const entries = await Promise.all(peers.map(async ({ id }) => ({ id, kadId: await kadIdOf(peerIdFromString(id).toMultihash().bytes) })))

  return entries.sort((a, b) => compareDistance(target, a.kadId, b.kadId)).slice(0, count).map(({ id }) => id)
}
