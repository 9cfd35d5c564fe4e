import { setTimeout } from 'node:timers/promises'
import { passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { scoredKadDHT } from '../../service.ts'
import { CommandError } from '../command-error.ts'
import { optionalPackage } from './optional-package.ts'
import type { ScoredKadDHT } from '../../service.ts'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type * as Noise from '@libp2p/noise'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How long the first peer may take to be reached and to say that it is a server of the DHT, ms */
const JOIN_TIMEOUT_MS = 30_000

/** How often the routing table is looked at until then, ms */
const JOIN_INTERVAL_MS = 50

/** The name that the package had before. By a variable, as it has no types here. */
const FORMER_NOISE = '@chainsafe/libp2p-noise'

export type ProvideNode = Libp2p<{ dht: ScoredKadDHT }>

export interface ProvideNodeInit {
  privateKey: PrivateKey
  /** Of the content server */
  announce: Multiaddr[]
  protocol: string
  /** Whether private addresses are of no use */
  isPublic: boolean
  /** Of the database of keys */
  location: string
}

/**
 * Load the packages that a node is made of. The library does without them, so they are imported
 * here alone, and when they are needed.
 *
 * @returns Starts a node: a client that listens nowhere, with the peer id and the addresses of a content server
 * @throws {CommandError} Some are not installed
 */
export async function loadProvideNode (): Promise<(init: ProvideNodeInit) => Promise<ProvideNode>> {
  const [libp2p, tcp, noise, yamux, identify, ping] = await Promise.all([
    optionalPackage('libp2p', async () => import('libp2p')),
    optionalPackage('@libp2p/tcp', async () => import('@libp2p/tcp')),
    loadNoise(),
    optionalPackage('@libp2p/yamux', async () => import('@libp2p/yamux')),
    optionalPackage('@libp2p/identify', async () => import('@libp2p/identify')),
    optionalPackage('@libp2p/ping', async () => import('@libp2p/ping'))
  ])

  if (libp2p === undefined || tcp === undefined || noise === undefined || yamux === undefined || identify === undefined || ping === undefined) {
    const missing = Object.entries({ libp2p, '@libp2p/tcp': tcp, '@libp2p/noise': noise, '@libp2p/yamux': yamux, '@libp2p/identify': identify, '@libp2p/ping': ping })
      .flatMap(([name, loaded]) => loaded === undefined ? [name] : [])

    throw new CommandError(`provide needs packages that are not installed beside libp2p-scored-routing: npm install ${missing.join(' ')}`, 2)
  }

  return async ({ privateKey, announce, protocol, isPublic, location }) => libp2p.createLibp2p({
    privateKey,
    addresses: { listen: [], announce: announce.map(String) },
    transports: [tcp.tcp()],
    connectionEncrypters: [noise.noise()],
    streamMuxers: [yamux.yamux()],
    services: {
      identify: identify.identify(),
      ping: ping.ping(),
      dht: scoredKadDHT({
        protocol,
        clientMode: true,
        peerInfoMapper: isPublic ? removePrivateAddressesMapper : passthroughMapper,
        publishing: { location }
      })
    }
  })
}

/**
 * Connect to a network
 *
 * @param bootstrap - Peers to start from. One of them is enough.
 * @throws {CommandError} None can be reached, or none of them is a server of the DHT
 */
export async function joinNetwork (node: ProvideNode, bootstrap: Multiaddr[], signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(JOIN_TIMEOUT_MS)])

  try {
    await Promise.any(bootstrap.map(async address => node.dial(address, { signal: deadline })))
  } catch (err) {
    signal.throwIfAborted()
    throw new CommandError(`none of the peers to start from can be reached: ${err.errors?.[0]?.message ?? err.message}`, 1, { cause: err })
  }

  while (node.services.dht.routingTable.size === 0) {
    await setTimeout(JOIN_INTERVAL_MS, undefined, { signal: deadline }).catch(err => {
      signal.throwIfAborted()
      throw new CommandError('none of the peers to start from is a server of the DHT', 1, { cause: err })
    })
  }
}

async function loadNoise () {
  return await optionalPackage('@libp2p/noise', async () => import('@libp2p/noise')) ??
    optionalPackage(FORMER_NOISE, async (): Promise<typeof Noise> => import(FORMER_NOISE))
}
