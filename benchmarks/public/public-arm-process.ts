import { once } from 'node:events'
import { join } from 'node:path'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { LevelDatastore } from 'datastore-level'
import { createLibp2p } from 'libp2p'
import { countedTransport } from '../live/counted-transport.ts'
import { dhtOfArm } from '../live/dht-of-arm.ts'
import { runOperation } from '../live/run-operation.ts'
import { timeOperation } from '../live/time-operation.ts'
import { TrafficLedger } from '../live/traffic-ledger.ts'
import { TUNED_CONNECTION_MANAGER } from '../live/tuned-options.ts'
import { serveCommands } from '../processes/serve-commands.ts'
import { NamedPeers } from './named-peers.ts'
import { nameServer } from './name-server.ts'
import type { Reach } from './named-peers.ts'
import type { PublicArm, PublicOptions } from './public-options.ts'
import type { TimedOperation } from '../live/time-operation.ts'
import type { Task } from '../live/run-operation.ts'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import type { KadDHT, PeerInfoMapper } from '@libp2p/kad-dht'

/** The first self-query, for which all other queries wait, may take this long, ms. After that the first operation starts anyway. */
const READY_MS = 30_000

interface Started {
  node: Libp2p<ServiceMap & { dht: KadDHT }>
  datastore: LevelDatastore
  peerInfoMapper: PeerInfoMapper
}

const ledger = new TrafficLedger()
const named = new NamedPeers()
let started: Started | undefined

/**
 * The commands of the process of an arm
 */
const commands = {
  /**
   * @returns The bootstrap addresses that answered. When it is empty, the node is not ready.
   */
  async start ({ arm, options, directory }: { arm: PublicArm, options: PublicOptions, directory: string }): Promise<{ connected: string[] }> {
    started = await createNode(arm, options, directory)

    const { node } = started
    const ready = once(node, 'kad-dht:query:self', { signal: AbortSignal.timeout(READY_MS) }).catch(() => {})

    await node.start()

    const connected = await dialAll(node, options)

    if (connected.length > 0) {
      await ready
    }

    return { connected }
  },

  async peerId (): Promise<string> {
    return running().node.peerId.toString()
  },

  async perform ({ task, timeoutMs }: { task: Task, timeoutMs: number }): Promise<TimedOperation> {
    const { node } = running()

    return timeOperation(async signal => runOperation(node.services.dht, task, { signal }), timeoutMs, ledger)
  },

  /**
   * @returns For each peer that was named to the node, by its printable id, whether it can be dialled
   */
  async reach (): Promise<Array<[string, Reach]>> {
    const { node, peerInfoMapper } = running()

    return named.reach(node, peerInfoMapper)
  },

  async stop (): Promise<void> {
    const { node, datastore } = running()

    await node.stop()
    await datastore.close()
    started = undefined
  }
}

export type PublicArmCommands = typeof commands

serveCommands(commands)

async function createNode (arm: PublicArm, options: PublicOptions, directory: string): Promise<Started> {
  const isLocal = options.bootstrap.every(address => isPrivate(multiaddr(address)))
  const datastore = new LevelDatastore(join(directory, 'datastore'))
  const peerInfoMapper = isLocal ? passthroughMapper : removePrivateAddressesMapper
  const names = options.dns === undefined ? undefined : nameServer(options.dns)
  const dht = dhtOfArm(arm, { protocol: options.protocol, clientMode: true, kBucketSize: options.k, peerInfoMapper }, directory)

  await datastore.open()

  const node = await createLibp2p({
    start: false,
    datastore,
    // servers keep no provider record without an address
    addresses: { listen: [isLocal ? '/ip4/127.0.0.1/tcp/0' : '/ip4/0.0.0.0/tcp/0'] },
    dns: names?.dns,
    transports: [countedTransport(tcp({ dialOpts: { keepAlive: true, ...names && { lookup: names.lookup } } }), { ledger, protocol: options.protocol })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: arm === 'kad-dht-tuned' ? TUNED_CONNECTION_MANAGER : {},
    services: { identify: identify(), ping: ping(), dht }
  })

  node.addEventListener('peer:update', ({ detail: { peer: { id, addresses } } }) => {
    named.hear({ id, multiaddrs: addresses.map(({ multiaddr }) => multiaddr) })
  })

  return { node, datastore, peerInfoMapper }
}

async function dialAll (node: Libp2p, { bootstrap, connectTimeoutMs }: PublicOptions): Promise<string[]> {
  const signal = AbortSignal.timeout(connectTimeoutMs)
  const results = await Promise.allSettled(bootstrap.map(async address => node.dial(multiaddr(address), { signal })))

  return bootstrap.filter((_, i) => results[i]?.status === 'fulfilled')
}

function running (): Started {
  if (started === undefined) {
    throw new Error('the arm was not started')
  }

  return started
}
