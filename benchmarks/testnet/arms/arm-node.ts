import { once } from 'node:events'
import { join } from 'node:path'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { LevelDatastore } from 'datastore-level'
import { createLibp2p } from 'libp2p'
import { countedTransport } from '../../live/counted-transport.ts'
import { dhtOfArm } from '../../live/dht-of-arm.ts'
import { TUNED_CONNECTION_MANAGER } from '../../live/tuned-options.ts'
import { seededRandom } from '../../random/seeded-random.ts'
import { latencyTransport } from '../links/latency-transport.ts'
import { linkRtt } from '../links/link-rtt.ts'
import { isServer } from '../peer-states.ts'
import { testnetPeer } from '../testnet-peer.ts'
import { TESTNET_PROTOCOL } from '../testnet-protocol.ts'
import { PROVIDER_ADDRESS } from './provider-address.ts'
import { RecordlessDatastore } from './recordless-datastore.ts'
import { recordOptions } from '../testnet-records.ts'
import type { PeerState } from '../peer-states.ts'
import type { TestnetOptions } from '../testnet-options.ts'
import type { PeerDescription } from '../testnet-network.ts'
import type { LookupStep, ScoredKadDHT } from '../../../src/index.ts'
import type { LiveArm } from '../../live/live-arms.ts'
import type { TrafficLedger } from '../../live/traffic-ledger.ts'
import type { Libp2p } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'

/** The first self-query, for which all other queries wait, may take this long, ms. After that the first operation starts anyway. */
const READY_MS = 60_000

/** The oracle keeps connections to all peers */
const NO_LIMIT = 100_000

export interface ArmNodeInit {
  arm: LiveArm
  /** The node has no part in the comparison, but looks for what the arms have put. It has an id of its own and keeps no record. */
  isReader?: boolean
  options: TestnetOptions
  peers: PeerDescription[]
  /** A directory for files that are to survive a restart */
  directory: string
  ledger: TrafficLedger
  onLookupStep: (step: LookupStep) => void
}

/**
 * The client node of an arm, started, bootstrapped and ready
 */
export interface ArmNode {
  node: Libp2p
  /** Undefined for the oracle */
  dht: KadDHT | ScoredKadDHT | undefined
  /** Tell the node which peers are silent now, after states have changed */
  peersChanged (peers: PeerDescription[]): void
  stop (): Promise<void>
}

/**
 * Start the client node of an arm
 */
export async function startArmNode ({ arm, isReader = false, options, peers, directory, ledger, onLookupStep }: ArmNodeInit): Promise<ArmNode> {
  let states = statesOf(peers)
  const { privateKey } = await testnetPeer(options.seed, isReader ? 'reader' : arm)
  const levelDatastore = arm === 'scored-warm' ? new LevelDatastore(join(directory, 'datastore')) : undefined
  const dhtService = arm === 'oracle'
    ? undefined
    : dhtOfArm(arm, {
      ...recordOptions,
      protocol: TESTNET_PROTOCOL,
      clientMode: true,
      peerInfoMapper: passthroughMapper,
      kBucketSize: options.k
    }, directory, { random: seededRandom(options.seed, 'scoring', arm), onLookupStep })

  await levelDatastore?.open()

  const datastore = isReader ? new RecordlessDatastore() : levelDatastore
  const node = await createLibp2p({
    start: false,
    privateKey,
    ...(datastore === undefined ? {} : { datastore }),
    addresses: { announce: [PROVIDER_ADDRESS] },
    transports: [countedTransport(latencyTransport({
      rttMs: peer => linkRtt(peer, options),
      isSilent: peer => states.get(peer) === 'silent'
    }), {
      ledger,
      protocol: TESTNET_PROTOCOL,
      isDead: peer => !isServer(states.get(peer) ?? 'up')
    })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { maxConnections: arm === 'oracle' ? NO_LIMIT : options.maxConnections, ...(arm === 'kad-dht-tuned' ? TUNED_CONNECTION_MANAGER : {}) },
    services: {
      identify: identify(),
      ping: ping(),
      ...(dhtService === undefined ? {} : { dht: dhtService })
    }
  })

  const ready = once(node, 'kad-dht:query:self', { signal: AbortSignal.timeout(READY_MS) }).catch(() => {})
  const bootstrap = peers.slice(0, options.bootstrapPeers)

  await node.start()
  await dialAll(node, bootstrap)

  if (dhtService !== undefined) {
    await ready
  } else {
    await dialAll(node, peers.filter(({ state }) => isServer(state)))
  }

  return {
    node,
    dht: (node.services as { dht?: KadDHT | ScoredKadDHT }).dht,
    peersChanged (peers) {
      states = statesOf(peers)
    },
    async stop () {
      await node.stop()
      await levelDatastore?.close()
    }
  }
}

function statesOf (peers: PeerDescription[]): Map<string, PeerState> {
  return new Map(peers.map(({ id, state }) => [id, state]))
}

async function dialAll (node: Libp2p, peers: PeerDescription[]): Promise<void> {
  await Promise.all(peers.map(async ({ id, multiaddr: address }) => node.dial(multiaddr(`${address}/p2p/${id}`))))
}
