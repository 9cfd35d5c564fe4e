import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { MemoryDatastore } from 'datastore-core'
import drain from 'it-drain'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { BOTH, quietNode } from '../../libp2p/test-node.ts'
import type { KadDHTFactory } from '../../conformance/test-network.ts'

const KEY = new TextEncoder().encode('/test/key')
const CONTENT = CID.createV1(raw.code, Digest.decode(Uint8Array.of(0x12, 0x20, ...new Uint8Array(32).fill(7))))

test('what was put and provided is kept in the datastore as stock kad-dht keeps it', async () => {
  const stock = await kept(BOTH.kadDHT)
  const ours = await kept(BOTH.scoredKadDHT)

  expect(ours).toEqual(stock)
  expect(ours).toHaveLength(2)
})

test('a value is read from the own datastore after a put that reached nobody', async () => {
  const { dht, node } = await quietNode(BOTH.scoredKadDHT)
  await drain(node.services.dht.put(KEY, Uint8Array.of(7)))

  expect((await dht.contentFetching.getLocal(KEY)).value).toEqual(Uint8Array.of(7))
})

/** The keys of what lies in the datastore, without the node's own id */
async function kept (factory: KadDHTFactory): Promise<string[]> {
  const datastore = new MemoryDatastore()
  const { node } = await quietNode(factory, {}, { datastore })
  await drain(node.services.dht.put(KEY, Uint8Array.of(1)))
  await drain(node.services.dht.provide(CONTENT))
  const keys: string[] = []

  for await (const key of datastore.queryKeys({ prefix: '/dht' })) {
    keys.push(key.toString().replace(node.peerId.toString(), 'self'))
  }

  return keys.filter(key => key.startsWith('/dht/record') || key.startsWith('/dht/provider')).toSorted()
}

test.each<['kadDHT' | 'scoredKadDHT']>([['kadDHT'], ['scoredKadDHT']])('with a metrics service %s traces puts and provides', async factory => {
  const traced: string[] = []
  const metrics = prometheusMetrics({ registry: new Registry(), collectDefaultMetrics: false })
  const { node } = await quietNode(BOTH[factory], {}, {
    metrics: components => Object.assign(metrics(components), {
      traceFunction: <F extends (...args: any[]) => any> (name: string, fn: F): F => ((...args: Parameters<F>) => {
        traced.push(name)
        return fn(...args)
      }) as F
    })
  })
  await drain(node.services.dht.put(KEY, Uint8Array.of(1)))
  await drain(node.services.dht.provide(CONTENT))

  expect(traced.filter(name => /kadDHT\.(put|provide)$/.test(name))).toEqual(['libp2p.kadDHT.put', 'libp2p.kadDHT.provide'])
})
