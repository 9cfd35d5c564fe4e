import { expect, onTestFinished, vi } from 'vitest'
import { kadDHTInternals } from '../../../src/kad-dht/internals.ts'
import { TestNetwork } from '../../conformance/test-network.ts'
import { IPNS_OPTIONS } from './ipns-records.ts'
import type { ForeignPeer } from './foreign-peer.ts'
import type { KadDHTFactory, TestNode } from '../../conformance/test-network.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

/** A first self-query long after the test: all requests are the test's */
const QUIET: KadDHTInit = { initialQuerySelfInterval: 3_600_000, allowQueryWithZeroPeers: true }

/** How long anything may take that peers do by themselves, ms */
export const SOON = { timeout: 15_000, interval: 50 }

/**
 * A server of ours that takes IPNS records, until the test is over
 */
export async function startNode (factory: KadDHTFactory, protocol: string, init: KadDHTInit = {}, options: Libp2pOptions = {}): Promise<TestNode> {
  const network = new TestNetwork(factory)
  onTestFinished(async () => { await network.stop() })

  return network.createNode({ protocol, clientMode: false, ...QUIET, ...init, ...IPNS_OPTIONS }, options)
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
        expect(await peer.table(), 'the table of the other').toContain(node.peerId.toString())
      }
    }
  }, SOON)
}

/** Printable ids of the peers in the routing table of a node of ours */
export function tableOf (node: TestNode): string[] {
  return [...kadDHTInternals(node.services.dht).routingTable.kb.toIterable()].map(({ peerId }) => peerId.toString())
}
