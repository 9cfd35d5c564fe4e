import { generateKeyPair } from '@libp2p/crypto/keys'
import { kadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { onTestFinished } from 'vitest'
import { kadDHTInternals } from '../../src/kad-dht/internals.ts'
import { scoredKadDHT } from '../../src/service.ts'
import { TestNetwork, waitForTable } from '../conformance/test-network.ts'
import type { ScriptedPeer } from './scripted-peer.ts'
import type { DHTMessage } from '../../src/kad-dht/dht-message.ts'
import type { InternalNetwork, KadDHTInternals } from '../../src/kad-dht/internals.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { KadDHTFactory, TestNode } from '../conformance/test-network.ts'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { KadDHTInit, QueryEvent } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

/** Counts instead of a score: no outcome is forgotten */
const COUNTING: ScoringInit = { parameters: { weightCap: 1000 } }

/** A node that starts no self-query, so that all requests are the test's */
const QUIET: KadDHTInit = { clientMode: true, allowQueryWithZeroPeers: true, initialQuerySelfInterval: 3_600_000 }

/** Stock and scored, for tests that show a fault in the one and not in the other */
export const BOTH: { kadDHT: KadDHTFactory, scoredKadDHT: KadDHTFactory } = { kadDHT, scoredKadDHT: scored() }

export interface ObservedNode {
  node: TestNode
  dht: KadDHTInternals
}

export interface ScoredNode extends ObservedNode {
  dht: KadDHTInternals & ScoredKadDHT
}

/**
 * Makes scored DHTs with these options
 */
export function scored (scoring: ScoringInit = {}): KadDHTFactory {
  return init => scoredKadDHT({ ...init, scoring })
}

/**
 * A node that does nothing by itself, until the test is over
 */
export async function quietNode (factory: KadDHTFactory, init: KadDHTInit = {}, options: Libp2pOptions = {}): Promise<ObservedNode> {
  const network = new TestNetwork(factory)
  onTestFinished(async () => { await network.stop() })
  const node = await network.createNode({ ...QUIET, ...init }, options)

  return { node, dht: kadDHTInternals(node.services.dht) }
}

/**
 * The same with a scored DHT that forgets no outcome
 */
export async function countingNode (init: KadDHTInit = {}, options: Libp2pOptions = {}, scoring: ScoringInit = {}): Promise<ScoredNode> {
  const { node, dht } = await quietNode(scored({ ...scoring, parameters: { ...COUNTING.parameters, ...scoring.parameters } }), init, options)

  return { node, dht: dht as KadDHTInternals & ScoredKadDHT }
}

/**
 * Connect to peers until they are in the routing table
 */
export async function meet ({ node }: ObservedNode, ...peers: ScriptedPeer[]): Promise<void> {
  const { size } = node.services.dht.routingTable

  await Promise.all(peers.map(async peer => node.dial(peer.node.getMultiaddrs())))
  await waitForTable(node, size + peers.length)
}

/**
 * How many outcomes a peer has had, and the last of them
 */
export function outcomesOf ({ dht }: ScoredNode, id: PeerId): { count: number, last: string | undefined } {
  const { record } = dht.scores.get(id)

  return { count: (record?.weight ?? 1) - 1, last: record?.lastOutcome }
}

/**
 * Send one request and read its events
 */
export async function * request (network: InternalNetwork, to: PeerId, message: Partial<DHTMessage>, options: AbortOptions = {}): AsyncGenerator<QueryEvent> {
  yield * network.sendRequest(to, message, { path: { index: 0, queued: 0, running: 1, total: 1 }, ...options })
}

/**
 * The id of a peer that does not exist
 */
export async function strangerId (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}
