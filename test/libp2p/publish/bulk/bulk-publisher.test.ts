import { MemoryDatastore } from 'datastore-core'
import all from 'it-all'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { named } from '../../../conformance/named.ts'
import { TestNetwork, waitForTable } from '../../../conformance/test-network.ts'
import { scored } from '../../test-node.ts'
import type { BulkPutEvent } from '../../../../src/libp2p/publish/bulk/bulk-publisher.ts'
import type { ScoredKadDHT } from '../../../../src/service.ts'
import type { TestNode } from '../../../conformance/test-network.ts'

const K = 5

let network: TestNetwork

beforeEach(() => { network = new TestNetwork(scored()) })
afterEach(async () => { await network.stop() })

async function cids (count: number, name = 'cid'): Promise<CID[]> {
  return Promise.all(Array.from({ length: count }, async (_, i) => CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(`${name} ${i}`)))))
}

async function publisher (servers: number): Promise<{ node: TestNode, dht: ScoredKadDHT, reader: TestNode }> {
  await network.start(servers)
  const node = await network.createNode({ clientMode: true, kBucketSize: K }, { datastore: new MemoryDatastore(), addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
  const reader = await network.createNode({ clientMode: true, kBucketSize: K })

  for (const client of [node, reader]) {
    await Promise.all(network.servers.map(async server => client.dial(server.getMultiaddrs())))
    await waitForTable(client, servers)
  }

  return { node, reader, dht: node.services.dht as ScoredKadDHT }
}

function results (events: BulkPutEvent[]): Array<[string, number]> {
  return events.flatMap(event => event.type === 'key' ? [[event.result, event.holders]] : []) as Array<[string, number]>
}

describe.each([1, 3, 8])('among %i servers', servers => {
  test('every key of a bulk put is stored on the closest, and found by another client', async () => {
    const { node, dht, reader } = await publisher(servers)
    const keys = await cids(60)
    const events = await all(dht.provideMany(keys))

    expect(results(events)).toEqual(new Array(60).fill(['stored', Math.min(K, servers)]))
    expect(events.at(-1)).toMatchObject({ type: 'progress', stored: 60, failed: 0, waiting: 0 })

    for (const cid of keys.slice(0, 5)) {
      const found = named(await all(reader.services.dht.findProviders(cid)), 'PROVIDER')

      expect(found.flatMap(({ providers }) => providers.map(({ id }) => id.toString()))).toContain(node.peerId.toString())
    }
  })
})
