import { once } from 'node:events'
import { createServer } from 'node:net'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { goPeers } from '../../../benchmarks/foreign/go-peers.ts'
import { seededRandom } from '../../../benchmarks/random/seeded-random.ts'
import { shuffle } from '../../../benchmarks/random/shuffle.ts'
import { constructRoutingTable } from '../../../benchmarks/testnet/construct-routing-table.ts'
import { reservePort } from '../../../benchmarks/testnet/servers/reserve-port.ts'
import { kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import { serveNames } from './serve-names.ts'
import type { PeerAddress } from '../../../benchmarks/foreign/peer-program.ts'
import type { AddressInfo, Server } from 'node:net'

/** The ways in which a server can be reached. Of ten servers, so many are of each. */
const KINDS = { plain: 4, 'private beside': 1, 'QUIC beside': 1, 'QUIC only': 1, 'WebTransport only': 1, 'relay only': 1, 'private only': 1 } as const

export type Kind = keyof typeof KINDS

const KIND_OF_TEN = Object.entries(KINDS).flatMap(([kind, count]) => new Array<Kind>(count).fill(kind as Kind))

/** The kinds that a node with TCP can dial, when it leaves private addresses out */
const DIALABLE = new Set<Kind>(['plain', 'private beside', 'QUIC beside'])

const AGENTS = ['kubo/0.39.0/', 'kubo/0.34.1/4649554/docker', 'go-ipfs/0.8.0/48f94e2', 'rust-libp2p/0.45.0', 'storm', '']

/** A server of a network */
export interface MixedServer extends PeerAddress {
  kind: Kind
  isDialable: boolean
}

export interface MixedNetworkInit {
  servers: number
  protocol: string
  k: number
}

/** A network of Go servers that is as mixed as the public one */
export interface MixedNetwork {
  servers: MixedServer[]
  /** The addresses of a few that can be dialled: one plain address, and one name for the others */
  bootstrap: string[]
  /** The name server that knows the names in all addresses */
  dns: string
  /** The names that were asked for */
  asked: string[]
  /** How many connections went to the private addresses that are told but lead nowhere */
  strays (): number
  stop (): Promise<void>
}

/**
 * Start Go servers on loopback. What they tell as public addresses are names, since those of
 * loopback are private. Every server has the peers in its table that are near to it, whether
 * anybody can dial them or not.
 *
 * @throws {Error} The Go program is not built
 */
export async function startMixedNetwork ({ servers: count, protocol, k }: MixedNetworkInit): Promise<MixedNetwork> {
  const program = goPeers('the servers')
  const decoy = await startDecoy()
  const servers: MixedServer[] = []
  const texts = new Map<string, string[]>()
  const addresses = new Map<string, string>()

  try {
    for (let index = 0; index < count; index++) {
      const privateKey = await generateKeyPairFromSeed('Ed25519', seedOf(index))
      const kind = KIND_OF_TEN[index % KIND_OF_TEN.length]
      const name = `server-${index}.test`
      const port = await reservePort()
      const relay = servers.find(({ isDialable }) => isDialable)
      const { listen, announce } = addressesOf(kind, { name, port, decoy: decoy.port, relay })

      await program.call('startNode', {
        name, privateKey: privateKey.raw, listen, announce, protocol, k, mode: 'server', refresh: false, provide: 'classic', links: [], agent: AGENTS[index % AGENTS.length]
      })
      addresses.set(name, '127.0.0.1')
      servers.push({ id: peerIdFromPrivateKey(privateKey).toString(), multiaddrs: announce, kind, isDialable: DIALABLE.has(kind) })
    }

    const kadIds = await Promise.all(Array.from({ length: count }, async (_, index) => kadIdOf(peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seedOf(index))).toMultihash().bytes)))

    for (const [index, kadId] of kadIds.entries()) {
      const known = constructRoutingTable(kadId, kadIds, { nearPeers: k, farPeers: k, knownShare: 0.75, liveShare: 1 }, seededRandom(1, 'table', index))
      await program.call('know', { name: `server-${index}.test`, peers: known.map(other => servers[other]) })
    }
  } catch (err) {
    await program.kill()
    decoy.server.close()
    throw err
  }

  const [first, ...others] = shuffle(servers.filter(({ isDialable }) => isDialable), seededRandom(1, 'bootstrap')).slice(0, 4)
  texts.set('_dnsaddr.bootstrap.test', others.map(({ id }) => `dnsaddr=/dnsaddr/${id.toLowerCase()}.bootstrap.test/p2p/${id}`))
  others.forEach(({ id, multiaddrs }) => {
    texts.set(`_dnsaddr.${id.toLowerCase()}.bootstrap.test`, multiaddrs.map(address => `dnsaddr=${address}/p2p/${id}`))
  })
  const names = await serveNames({ texts, addresses })
  const plain = first.multiaddrs.findLast(address => address.includes('/tcp/'))?.replace(/^\/dns4\/[^/]+/, '/ip4/127.0.0.1')

  return {
    servers,
    bootstrap: [`${plain}/p2p/${first.id}`, ...others.map(({ id }) => `/dnsaddr/bootstrap.test/p2p/${id}`)],
    dns: names.address,
    asked: names.asked,
    strays: () => decoy.connections(),
    async stop () {
      names.stop()
      decoy.server.close()
      await program.kill()
    }
  }
}

interface Place {
  name: string
  port: number
  /** A port on loopback that leads to no server */
  decoy: number
  relay?: PeerAddress
}

function addressesOf (kind: Kind, { name, port, decoy, relay }: Place): { listen: string[], announce: string[] } {
  const tcp = { listen: [`/ip4/127.0.0.1/tcp/${port}`], announce: [`/dns4/${name}/tcp/${port}`] }
  const quic = { listen: [`/ip4/127.0.0.1/udp/${port}/quic-v1`], announce: [`/dns4/${name}/udp/${port}/quic-v1`] }
  const stray = `/ip4/127.77.0.1/tcp/${decoy}`

  switch (kind) {
    case 'plain':
      return tcp
    case 'private beside':
      return { ...tcp, announce: [stray, ...tcp.announce] }
    case 'QUIC beside':
      return { listen: [...tcp.listen, ...quic.listen], announce: [...quic.announce, ...tcp.announce] }
    case 'QUIC only':
      return quic
    case 'WebTransport only':
      return { listen: quic.listen.map(address => `${address}/webtransport`), announce: quic.announce.map(address => `${address}/webtransport`) }
    case 'relay only':
      return { ...tcp, announce: relay?.multiaddrs.slice(-1).map(address => `${address}/p2p/${relay.id}/p2p-circuit`) ?? [] }
    case 'private only':
      return { ...tcp, announce: [stray] }
    default:
      return kind satisfies never
  }
}

/** A port that accepts connections and says nothing, for private addresses */
async function startDecoy (): Promise<{ server: Server, port: number, connections (): number }> {
  let connections = 0
  const server = createServer(socket => {
    connections++
    socket.on('error', () => {})
  })
  server.unref().listen(0, '127.77.0.1')
  await once(server, 'listening')

  return { server, port: (server.address() as AddressInfo).port, connections: () => connections }
}

function seedOf (index: number): Uint8Array {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, index)

  return seed
}
