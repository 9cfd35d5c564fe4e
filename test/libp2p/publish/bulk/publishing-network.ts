import { MemoryDatastore } from 'datastore-core'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { onTestFinished } from 'vitest'
import { scoredKadDHT } from '../../../../src/service.ts'
import { TestNetwork, waitForTable } from '../../../conformance/test-network.ts'
import type { BulkPutEvent } from '../../../../src/libp2p/publish/bulk/bulk-publisher.ts'
import type { PublishingInit } from '../../../../src/libp2p/publish/publishing-options.ts'
import type { ScoredKadDHT } from '../../../../src/service.ts'
import type { TestNode } from '../../../conformance/test-network.ts'

export const K = 5

export interface PublishingNetwork {
  network: TestNetwork
  node: TestNode
  dht: ScoredKadDHT
  /** Another client */
  reader: TestNode
}

/**
 * A node that knows a small network of servers, until the test is over
 */
export async function publishingNetwork (servers: number, publishing: PublishingInit = {}): Promise<PublishingNetwork> {
  const network = new TestNetwork(init => scoredKadDHT({ ...init, kBucketSize: K, publishing }))
  onTestFinished(async () => { await network.stop() })
  await network.start(servers)

  const node = await network.createNode({ clientMode: true }, { datastore: new MemoryDatastore(), addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
  const reader = await network.createNode({ clientMode: true })

  for (const client of [node, reader]) {
    await meetAll(client, network)
  }

  return { network, node, reader, dht: node.services.dht as ScoredKadDHT }
}

/**
 * Connect a client to every server
 */
export async function meetAll (client: TestNode, { servers }: TestNetwork): Promise<void> {
  await Promise.all(servers.map(async server => client.dial(server.getMultiaddrs())))
  await waitForTable(client, Math.min(servers.length, K))
}

export async function cids (count: number, name = 'cid'): Promise<CID[]> {
  return Promise.all(Array.from({ length: count }, async (_, i) => CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(`${name} ${i}`)))))
}

/**
 * What became of each key, and how many hold it
 */
export function results (events: BulkPutEvent[]): Array<[string, number]> {
  return events.flatMap(event => event.type === 'key' ? [[event.result, event.holders] satisfies [string, number]] : [])
}
