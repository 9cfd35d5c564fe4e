import { createHash } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { PrefixTrie } from '../../src/keyspace/prefix-trie.ts'
import { seededRandom } from '../random/seeded-random.ts'
import { constructRoutingTable } from '../testnet/construct-routing-table.ts'
import { reservePort } from '../testnet/servers/reserve-port.ts'
import { testnetPeer } from '../testnet/testnet-peer.ts'
import { JsServer } from '../testnet/servers/js-server.ts'
import type { TestnetPeer } from '../testnet/testnet-peer.ts'
import type { PeerInfo } from '@libp2p/interface'

/** Up to this number, each server knows all others */
const FEW = 25

/** The routing tables of a larger network. They are large enough that every server is known to some other one. */
const TABLE = { nearPeers: 20, farPeers: 10, knownShare: 0.75, liveShare: 1 }

const STARTING = 16

interface Member {
  peer: TestnetPeer
  handle: string
  info: PeerInfo
  port: number
  server: JsServer
}

/**
 * Real kad-dht servers on 127.0.0.1 that know each other. They run until they are
 * stopped. Faults are simulated on the links to them.
 */
export class FaultServers {
  readonly k: number
  readonly #members: Member[]
  readonly #trie = new PrefixTrie<Member>()

  private constructor (members: Member[], k: number) {
    this.#members = members
    this.k = k

    for (const member of members) {
      this.#trie.set(member.peer.kadId, member)
    }
  }

  /**
   * Start a number of servers
   *
   * @param seed - Decides their peer ids
   * @param k - How many peers count as closest to a key
   */
  static async start (count: number, seed: number = 1, k: number = 20): Promise<FaultServers> {
    const members = await Promise.all(Array.from({ length: count }, async (_, index): Promise<Member> => {
      const peer = await testnetPeer(seed, index)
      const port = await reservePort()

      return { peer, handle: peer.id.toString(), port, info: { id: peer.id, multiaddrs: [multiaddr(`/ip4/127.0.0.1/tcp/${port}`)] }, server: new JsServer(peer) }
    }))
    const kadIds = members.map(({ peer }) => peer.kadId)

    for (const [index, { server, peer }] of members.entries()) {
      const known = count <= FEW
        ? [...members.keys()].filter(other => other !== index)
        : constructRoutingTable(peer.kadId, kadIds, TABLE, seededRandom(seed, 'table', index))

      await server.know(known.map(other => members[other].info))
    }

    const waiting = [...members]

    await Promise.all(Array.from({ length: STARTING }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await next.server.start(next.port)
      }
    }))

    return new FaultServers(members, k)
  }

  /** Printable peer ids */
  get peers (): string[] {
    return this.#members.map(({ handle }) => handle)
  }

  get infos (): PeerInfo[] {
    return this.#members.map(({ info }) => info)
  }

  server (peer: string): JsServer {
    return this.#member(peer).server
  }

  /**
   * The k closest peers to a key among those that are alive
   */
  closest (key: Uint8Array, isAlive: (peer: string) => boolean): string[] {
    const target = Uint8Array.from(createHash('sha256').update(key).digest())

    return this.#trie.closest(target, this.k, ({ handle }) => isAlive(handle)).map(({ value }) => value.handle)
  }

  /**
   * Stop a server. Its connections are closed, and its port refuses connections.
   */
  async goDown (peer: string): Promise<void> {
    await this.#member(peer).server.stop()
  }

  /**
   * Start the same server again, on the same port
   */
  async comeBack (peer: string): Promise<void> {
    const { server, port } = this.#member(peer)

    await server.start(port)
  }

  async stop (): Promise<void> {
    await Promise.all(this.#members.map(async ({ server }) => server.stop()))
  }

  #member (peer: string): Member {
    const member = this.#members.find(({ handle }) => handle === peer)

    if (member === undefined) {
      throw new Error(`${peer} is no server of this network`)
    }

    return member
  }
}
