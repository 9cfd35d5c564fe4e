import { contentRoutingSymbol, isPeerId, isStartable, peerDiscoverySymbol, peerRoutingSymbol, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { removePrivateAddressesMapper, removePublicAddressesMapper } from '@libp2p/kad-dht'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import all from 'it-all'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { IMPLEMENTATIONS } from './implementations.ts'
import { ids, TestNetwork, waitForTable } from './test-network.ts'
import type { KadDHTComponents, SingleKadDHT } from '@libp2p/kad-dht'

describe.each(IMPLEMENTATIONS)('the interface of %s', (_, factory) => {
  let network: TestNetwork

  beforeEach(() => {
    network = new TestNetwork(factory)
  })

  afterEach(async () => {
    await network.stop()
  })

  test('is a service with the members, capabilities and dependencies of kad-dht', async () => {
    const { services: { dht } } = await network.createNode({ kBucketSize: 7, alpha: 4, disjointPaths: 3 })

    expect(dht).toMatchObject({
      k: 7,
      a: 4,
      d: 3,
      [Symbol.toStringTag]: '@libp2p/kad-dht',
      [serviceCapabilities]: ['@libp2p/content-routing', '@libp2p/peer-routing', '@libp2p/peer-discovery', '@libp2p/kad-dht'],
      [serviceDependencies]: ['@libp2p/identify', '@libp2p/ping']
    })

    for (const method of ['get', 'put', 'provide', 'findProviders', 'findPeer', 'getClosestPeers', 'cancelReprovide', 'getMode', 'setMode', 'refreshRoutingTable'] as const) {
      expect(dht[method]).toBeTypeOf('function')
    }

    expect(isStartable(dht)).toBe(true)
    expect(isStartable(dht) && 'isStarted' in dht && (dht.isStarted as () => boolean)()).toBe(true)
  })

  test('offers routing and discovery under the three symbols', async () => {
    const { services: { dht } } = await network.createNode()

    expect(dht).toMatchObject({
      [contentRoutingSymbol]: {
        provide: expect.any(Function),
        cancelReprovide: expect.any(Function),
        findProviders: expect.any(Function),
        put: expect.any(Function),
        get: expect.any(Function)
      },
      [peerRoutingSymbol]: { findPeer: expect.any(Function), getClosestPeers: expect.any(Function) }
    })
    expect(Reflect.get(dht, peerDiscoverySymbol)).toBe(dht)
  })

  test('takes validators and selectors that are added to the live objects', async () => {
    await network.start(2)
    const [server] = network.servers
    const node = await network.join()
    const key = new TextEncoder().encode('/late/key')

    for (const { services: { dht } } of [...network.servers, node]) {
      dht.validators.late = async (_, value) => {
        if (value[0] > 100) {
          throw new Error('too much')
        }
      }
      dht.selectors.late = () => 0
    }

    await server.contentRouting.put(key, Uint8Array.of(5))
    await expect(node.contentRouting.get(key)).resolves.toSatisfy((value: Uint8Array) => value[0] === 5)

    node.services.dht.validators.late = async () => { throw new Error('nothing is good enough') }
    await expect(node.contentRouting.get(key)).rejects.toThrow()
  })

  test('emits peer, peer:add and peer:remove', async () => {
    await network.start(4)
    const [first, ...others] = network.servers
    const node = await network.createNode({ clientMode: true })
    const { dht } = node.services
    const table = dht.routingTable as SingleKadDHT['routingTable'] & EventTarget & { remove (peer: unknown): Promise<void>, kb: unknown }
    const seen: Record<string, string[]> = { peer: [], 'peer:add': [], 'peer:remove': [] }

    for (const [name, target] of [['peer', dht], ['peer:add', table], ['peer:remove', table]] as Array<[string, EventTarget]>) {
      target.addEventListener(name, event => {
        const { detail } = event as CustomEvent
        seen[name].push((isPeerId(detail) ? detail : detail.id).toString())
      })
    }

    await node.dial(first.getMultiaddrs())
    await waitForTable(node, 1)
    await vi.waitFor(() => expect(seen['peer:add']).toContain(first.peerId.toString()))
    // the first self-query asks the server, whose answer names the others
    await vi.waitFor(() => expect(seen.peer).toEqual(expect.arrayContaining(ids(others))), { timeout: 10_000 })

    await table.remove(first.peerId)
    await vi.waitFor(() => expect(seen['peer:remove']).toContain(first.peerId.toString()))
    expect(table.kb).toBeTypeOf('object')
  })

  test('starts as a client, and turns server when it has a public address', async () => {
    const unknown = await network.createNode({})
    const server = await network.createNode({ clientMode: false })
    const client = await network.createNode({ clientMode: true })
    const publicNode = await network.createNode({}, { addresses: { listen: ['/ip4/127.0.0.1/tcp/0'], announce: ['/ip4/8.8.8.8/tcp/4001'] } })

    expect(unknown.services.dht.getMode()).toBe('client')
    expect(server.services.dht.getMode()).toBe('server')
    expect(client.services.dht.getMode()).toBe('client')
    await vi.waitFor(() => expect(publicNode.services.dht.getMode()).toBe('server'), { timeout: 5_000 })
    expect(server.getProtocols()).toContain('/test/kad/1.0.0')
    expect(client.getProtocols()).not.toContain('/test/kad/1.0.0')
  })

  test('changes its mode when it is told to', async () => {
    const node = await network.createNode({ clientMode: true })
    const { dht } = node.services

    await dht.setMode('server')
    expect(dht.getMode()).toBe('server')
    expect(node.getProtocols()).toContain('/test/kad/1.0.0')

    await dht.setMode('client')
    expect(dht.getMode()).toBe('client')
    expect(node.getProtocols()).not.toContain('/test/kad/1.0.0')
  })

  test('keeps a client out of the tables of others', async () => {
    await network.start(2)
    const client = await network.join({ clientMode: true })
    const server = await network.join({ clientMode: false })

    await waitForTable(network.servers[0], 2)
    expect(ids(network.servers[0].getPeers())).toContain(client.peerId.toString())
    await vi.waitFor(async () => {
      const found = await all(network.servers[0].peerRouting.getClosestPeers(client.peerId.toMultihash().bytes))
      expect(ids(found)).toContain(server.peerId.toString())
      expect(ids(found)).not.toContain(client.peerId.toString())
    })
  })

  test('lives twice on one node', async () => {
    await network.start(2)
    const lan = '/test/kad/1.0.0'
    const wan = '/test/wan/kad/1.0.0'
    const node = await network.createNode({ clientMode: true, protocol: lan, peerInfoMapper: removePublicAddressesMapper }, {}, (init) => (components: KadDHTComponents) => {
      const second = factory({ protocol: wan, peerInfoMapper: removePrivateAddressesMapper, logPrefix: 'libp2p:wan', metricsPrefix: 'wan', datastorePrefix: '/wan', allowQueryWithZeroPeers: true })(components)
      const first = factory({ ...init, logPrefix: 'libp2p:lan', metricsPrefix: 'lan', datastorePrefix: '/lan' })(components)

      return Object.assign(first, { second })
    })
    const { dht } = node.services
    const { second } = dht as unknown as { second: SingleKadDHT & { start (): Promise<void>, stop (): Promise<void> } }
    await second.start()

    await Promise.all(network.servers.map(async server => node.dial(server.getMultiaddrs())))
    await waitForTable(node, 2)

    const key = new TextEncoder().encode('/test/two')
    await all(dht.put(key, Uint8Array.of(1)))
    await expect(all(dht.get(key))).resolves.toContainEqual(expect.objectContaining({ name: 'VALUE' }))
    expect(second.routingTable.size).toBe(0)
    await expect(all(second.getClosestPeers(key))).resolves.toEqual([])
    await second.stop()
  })

  test('registers its metrics under its prefix', async () => {
    const registry = new Registry()
    await network.start(2)
    const node = await network.join({ metricsPrefix: 'prefix' }, network.servers, {
      metrics: prometheusMetrics({ registry, collectDefaultMetrics: false })
    })
    await all(node.services.dht.getClosestPeers(new TextEncoder().encode('key')))

    expect(ours(await registry.getMetricsAsJSON())).toEqual(expect.arrayContaining([
      'prefix_operations_total', 'prefix_operation_errors_total', 'prefix_operation_time_seconds', 'prefix_operation_error_time_seconds',
      'prefix_inbound_rpc_requests_total', 'prefix_inbound_rpc_errors_total', 'prefix_inbound_rpc_time_seconds',
      'prefix_outbound_rpc_requests_total', 'prefix_outbound_rpc_errors_total',
      'prefix_routing_table_size', 'prefix_routing_table_kad_bucket_total', 'prefix_routing_table_kad_bucket_max_depth', 'prefix_kad_bucket_events_total'
    ]))
    await expect(registry.getSingleMetricAsString('prefix_routing_table_size')).resolves.toMatch(/ 2$/m)
    await expect(registry.getSingleMetricAsString('prefix_operations_total')).resolves.toMatch(/"GET_CLOSEST_PEERS"/)
    await expect(registry.getSingleMetricAsString('prefix_outbound_rpc_requests_total')).resolves.toMatch(/FIND_NODE/)
  })
})

function ours (metrics: Array<{ name: string }>): string[] {
  return metrics.map(({ name }) => name).filter(name => name.startsWith('prefix_'))
}
