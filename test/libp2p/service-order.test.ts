import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { MemoryDatastore } from 'datastore-core'
import all from 'it-all'
import { createLibp2p } from 'libp2p'
import { MemoryLevel } from 'memory-level'
import { Registry } from 'prom-client'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { scoredKadDHT } from '../../src/service.ts'
import { named } from '../conformance/named.ts'
import { testInit, waitForTable } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { scriptedPeer } from './scripted-peer.ts'
import { BOTH } from './test-node.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { KadDHTFactory, TestNode } from '../conformance/test-network.ts'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

type Service = 'dht' | 'identify' | 'lanDHT' | 'ping'

/** Services that the types of libp2p would not let through, as one is missing or its name not known */
type Services = NonNullable<Libp2pOptions['services']>

const STORES: Array<[string, () => Promise<{ scoring?: ScoringInit, options?: Libp2pOptions }>]> = [
  ['a datastore', async () => ({ options: { datastore: new MemoryDatastore() } })],
  ['a location', async () => ({ scoring: { location: await temporaryDirectory() } })],
  ['a level', async () => ({ scoring: { level: new MemoryLevel() } })],
  ['metrics', async () => ({ options: { metrics: prometheusMetrics({ registry: new Registry(), collectDefaultMetrics: false }) } })]
]

describe('a scored DHT among the services of a node', () => {
  test.each(permutations<Service>(['dht', 'identify', 'ping']))('finds and scores peers in the order %s, %s, %s', async (...order) => {
    await findsPeers(await nodeOf(order))
  })

  test.each(permutations<Service>(['dht', 'identify', 'lanDHT', 'ping']))('starts with another DHT in the order %s, %s, %s, %s', async (...order) => {
    expect((await nodeOf(order)).status).toBe('started')
  })

  test.each(STORES)('finds and scores peers before its ping service with %s', async (_, settings) => {
    const { scoring, options } = await settings()

    await findsPeers(await nodeOf(['dht', 'ping', 'identify'], scoring, options))
  })

  test.each(Object.entries(BOTH))('without a ping service is refused as stock is: %s', async (_, factory) => {
    await expect(createLibp2p({ services: { identify: identify(), dht: factory() } as unknown as Services })).rejects.toThrow(
      'Service "@libp2p/kad-dht" required capability "@libp2p/ping" but it was not provided by any component'
    )
  })

  test('looks at no component while it is built that stock does not look at', async () => {
    const stock = await componentsReadBy(BOTH.kadDHT)

    expect(stock).toContain('datastore')
    expect((await componentsReadBy(BOTH.scoredKadDHT)).filter(name => !stock.includes(name))).toEqual([])
  })

  test('takes a ping service of another name for no fault of the peers', async () => {
    const node = await nodeOf(['dht', 'identify'], {}, {}, { pong: ping() })
    const peer = await scriptedPeer()
    await node.dial(peer.node.getMultiaddrs())
    await vi.waitFor(async () => { expect((await node.peerStore.get(peer.peerId)).protocols).not.toEqual([]) })

    await expect(componentsOf(node.services.dht).ping.ping(peer.peerId)).rejects.toMatchObject({ name: 'MissingServiceError' })
    expect(scoresOf(node).get(peer.peerId)).toMatchObject({ class: 'neutral', record: undefined })
  })
})

/** A started node with these services in this order, until the test is over */
async function nodeOf (order: Service[], scoring: ScoringInit = {}, options: Libp2pOptions = {}, others: Services = {}): Promise<TestNode> {
  const services = {
    dht: scoredKadDHT({ ...testInit({ clientMode: true }), scoring }),
    identify: identify(),
    lanDHT: scoredKadDHT({ ...testInit({ protocol: '/test/lan/kad/1.0.0' }), logPrefix: 'libp2p:lan', metricsPrefix: 'lan', datastorePrefix: '/lan' }),
    ping: ping()
  }
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    ...options,
    services: { ...Object.fromEntries(order.map(name => [name, services[name]])), ...others } as Services
  }) as unknown as TestNode
  onTestFinished(async () => { await node.stop() })

  return node
}

async function findsPeers (node: TestNode): Promise<void> {
  const peer = await scriptedPeer()
  await node.dial(peer.node.getMultiaddrs())
  await waitForTable(node, 1)
  const found = named(await all(node.services.dht.getClosestPeers(new TextEncoder().encode('/test/key'))), 'FINAL_PEER')

  expect(found.map(event => event.peer.id.toString())).toEqual([peer.peerId.toString()])
  expect(peer.pings).toBe(1)
  expect(scoresOf(node).get(peer.peerId).class).toBe('good')
}

/** Names of the components that a DHT reads before its factory returns */
async function componentsReadBy (factory: KadDHTFactory): Promise<string[]> {
  const names = new Set<string>()
  let built = false

  await createLibp2p({
    start: false,
    services: {
      identify: identify(),
      ping: ping(),
      dht: (components: KadDHTComponents) => {
        const dht = factory()(new Proxy(components, {
          get (target, name) {
            if (!built) {
              names.add(String(name))
            }

            return Reflect.get(target, name)
          }
        }))
        built = true

        return dht
      }
    }
  })

  return [...names]
}

function componentsOf (dht: object): KadDHTComponents {
  return (dht as { components: KadDHTComponents }).components
}

function scoresOf (node: TestNode): ScoredKadDHT['scores'] {
  return (node.services.dht as unknown as ScoredKadDHT).scores
}

function permutations<T> (items: T[]): T[][] {
  return items.length === 0 ? [[]] : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map(rest => [item, ...rest]))
}
