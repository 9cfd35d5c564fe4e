import { identify, identifyPush } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, vi } from 'vitest'
import { kadDHTInternals } from '../../../src/kad-dht/internals.ts'
import { testInit } from '../../conformance/test-network.ts'
import { IPNS_OPTIONS } from './ipns-records.ts'
import type { ForeignPeer } from './foreign-peer.ts'
import type { KadDHTFactory, TestNode } from '../../conformance/test-network.ts'
import type { KadDHT, KadDHTComponents, KadDHTInit, SingleKadDHT } from '@libp2p/kad-dht'

/** A first self-query long after the test: all requests are the test's */
const QUIET: KadDHTInit = { clientMode: false, initialQuerySelfInterval: 3_600_000, allowQueryWithZeroPeers: true }

/** How long anything may take that peers do by themselves, ms */
export const SOON = { timeout: 15_000, interval: 50 }

/**
 * A server of ours that takes IPNS records and tells its peers when its protocols change,
 * as a node of Helia does. It runs until the test is over.
 */
export async function startNode (factory: KadDHTFactory, protocol: string, init: KadDHTInit = {}): Promise<TestNode> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: Infinity },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dht: factory(testInit({ protocol, ...QUIET, ...init, ...IPNS_OPTIONS })) as (components: KadDHTComponents) => SingleKadDHT & KadDHT
    }
  })
  onTestFinished(async () => { await node.stop() })

  return node
}

/**
 * Connect a node of ours to peers, until each side that is a server is in the other's table
 */
export async function meet (node: TestNode, ...peers: ForeignPeer[]): Promise<void> {
  for (const peer of peers) {
    await node.dial(peer.multiaddrs)
  }

  await vi.waitFor(async () => {
    for (const peer of peers) {
      expect(tableOf(node)).toContain(peer.id.toString())

      if (node.services.dht.getMode() === 'server') {
        expect(await peer.table()).toContain(node.peerId.toString())
      }
    }
  }, SOON)
}

/** Printable ids of the peers in the routing table of a node of ours */
export function tableOf (node: TestNode): string[] {
  return [...kadDHTInternals(node.services.dht).routingTable.kb.toIterable()].map(({ peerId }) => peerId.toString())
}
