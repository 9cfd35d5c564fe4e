import { peerIdFromString } from '@libp2p/peer-id'
import all from 'it-all'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { compare } from 'uint8arrays/compare'
import { xor } from 'uint8arrays/xor'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { IMPLEMENTATIONS } from './implementations.ts'
import { named } from './named.ts'
import { ids, TestNetwork } from './test-network.ts'
import type { TestNode } from './test-network.ts'
import type { PeerId } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

const SERVERS = 6
const STRANGER = peerIdFromString('12D3KooWAtp1AcgweFSArD7dbWWuvTMFWkBGZPFcCeFmiqLxeTrX')

describe.each(IMPLEMENTATIONS)('the queries of %s', (_, factory) => {
  let network: TestNetwork
  let node: TestNode

  beforeAll(async () => {
    network = await new TestNetwork(factory).start(SERVERS)
    node = await network.join({}, network.servers.slice(0, 2))
  })

  afterAll(async () => {
    await network.stop()
  })

  test('getClosestPeers asks each server once and ends with the closest, nearest first', async () => {
    const key = bytes('a key')
    const events = await all(node.services.dht.getClosestPeers(key))
    const final = named(events, 'FINAL_PEER')

    expect(ids(named(events, 'SEND_QUERY').map(({ to }) => to))).toEqual(ids(network.servers))
    expect(ids(named(events, 'PEER_RESPONSE').map(({ from }) => from))).toEqual(ids(network.servers))
    expect(named(events, 'PEER_RESPONSE').every(({ messageName }) => messageName === 'FIND_NODE')).toBe(true)
    expect(events.slice(-SERVERS)).toEqual(final)
    expect(final.map(({ peer }) => peer.id.toString())).toEqual(await sortedByDistance(network.servers.map(({ peerId }) => peerId), key))
    expect(final.every(({ from }) => from.equals(node.peerId))).toBe(true)
  })

  test('every request is a dial, a query and a response, in this order', async () => {
    const events = await all(node.services.dht.getClosestPeers(bytes('order')))

    for (const { peerId } of network.servers) {
      expect(events.filter(event => subject(event)?.equals(peerId) === true).map(({ name }) => name)).toEqual(['DIAL_PEER', 'SEND_QUERY', 'PEER_RESPONSE'])
    }

    expect(named(events, 'PATH_ENDED').length).toBeGreaterThan(0)
    expect(named(events, 'SEND_QUERY').every(({ path }) => path.index >= 0 && path.index < node.services.dht.d)).toBe(true)
  })

  test('progress events accompany the events of the query', async () => {
    const progress: string[] = []
    const events = await all(node.services.dht.getClosestPeers(bytes('progress'), { onProgress: ({ type }) => { progress.push(type) } }))

    const count = (name: string): number => progress.filter(type => type === `kad-dht:query:${name}`).length
    expect(count('dial-peer')).toBe(named(events, 'DIAL_PEER').length)
    expect(count('send-query')).toBe(named(events, 'SEND_QUERY').length)
    expect(count('peer-response')).toBe(named(events, 'PEER_RESPONSE').length)
    expect(count('final-peer')).toBe(named(events, 'FINAL_PEER').length)
    expect(count('dial-peer')).toBe(SERVERS)
  })

  test('put stores with the closest servers, get returns the value last', async () => {
    const key = bytes('/test/put')
    const putEvents: QueryEvent[] = await all(node.services.dht.put(key, Uint8Array.of(3)))
    const stored = named(putEvents, 'PEER_RESPONSE').filter(({ messageName }) => messageName === 'PUT_VALUE')

    expect(ids(stored.map(({ from }) => from))).toEqual(ids(network.servers))
    expect(stored.every(({ record }) => record?.value[0] === 3)).toBe(true)
    expect(named(putEvents, 'QUERY_ERROR')).toEqual([])
    expect(named(putEvents, 'FINAL_PEER')).toEqual([])

    const reader = await network.join({}, [network.servers[5]])
    const getEvents = await all(reader.services.dht.get(key))

    expect(getEvents.at(-1)).toMatchObject({ name: 'VALUE', value: { 0: 3 } })
    expect(named(getEvents, 'VALUE')).toHaveLength(1)
    expect(named(getEvents, 'SEND_QUERY').every(({ messageName }) => messageName === 'GET_VALUE')).toBe(true)
  })

  test('get of what nobody has yields no value, and the content routing throws NotFoundError', async () => {
    const key = bytes('/test/nothing')

    expect(named(await all(node.services.dht.get(key)), 'VALUE')).toEqual([])
    await expect(node.contentRouting.get(key)).rejects.toMatchObject({ errors: [{ name: 'NotFoundError' }] })
  })

  test('get discards a value that its validator refuses', async () => {
    const key = bytes('/test/refused')
    await all(network.servers[0].services.dht.put(key, Uint8Array.of(200)))

    const reader = await network.join({ validators: { test: async () => { throw new Error('refused') } } })
    const events = await all(reader.services.dht.get(key))

    expect(named(events, 'VALUE')).toEqual([])
    expect(named(events, 'QUERY_ERROR').length).toBeGreaterThan(0)
  })

  test('provide tells the closest servers, findProviders finds the provider and its addresses', async () => {
    const cid = await cidOf('provided')
    const provideEvents = await all(node.services.dht.provide(cid))
    const told = named(provideEvents, 'PEER_RESPONSE').filter(({ messageName }) => messageName === 'ADD_PROVIDER')

    expect(ids(told.map(({ from }) => from))).toEqual(ids(network.servers))

    const seeker = await network.join({}, [network.servers[4]])
    const found = named(await all(seeker.services.dht.findProviders(cid)), 'PROVIDER')
    expect(found).toHaveLength(1)
    expect(ids(found[0].providers)).toEqual(ids([node]))
    expect(found[0].providers[0].multiaddrs.map(ma => ma.decapsulateCode(421).toString()))
      .toEqual(expect.arrayContaining(node.getMultiaddrs().map(ma => ma.decapsulateCode(421).toString())))

    const [provider] = await all(seeker.contentRouting.findProviders(cid))
    expect(provider).toMatchObject({ routing: 'kad-dht' })
  })

  test('findProviders stops at k providers', async () => {
    const cid = await cidOf('many')
    await Promise.all(network.servers.slice(0, 4).map(async server => server.contentRouting.provide(cid)))

    const seeker = await network.join({ kBucketSize: 2 })
    const providers = named(await all(seeker.services.dht.findProviders(cid)), 'PROVIDER').flatMap(event => event.providers)

    expect(providers.length).toBeGreaterThanOrEqual(2)
    expect(new Set(ids(providers)).size).toBe(providers.length)
  })

  test('cancelReprovide forgets that we provide', async () => {
    const cid = await cidOf('cancelled')
    const own = async (): Promise<QueryEvent[]> => (await all(node.services.dht.findProviders(cid)))
      .filter(event => event.name === 'PROVIDER' && event.from.equals(node.peerId))

    await all(node.services.dht.provide(cid))
    expect(await own()).toHaveLength(1)
    await node.services.dht.cancelReprovide(cid)
    expect(await own()).toHaveLength(0)
  })

  test('findPeer finds a server that only others know', async () => {
    const target = network.servers[5].peerId
    const events = await all(node.services.dht.findPeer(target, { useCache: false }))

    expect(named(events, 'FINAL_PEER').length).toBeGreaterThan(0)
    expect(named(events, 'FINAL_PEER').every(({ peer }) => peer.id.equals(target) && peer.multiaddrs.length > 0)).toBe(true)
    await expect(node.peerRouting.findPeer(target)).resolves.toMatchObject({ id: target })
  })

  test('findPeer answers from the cache when it can', async () => {
    const target = network.servers[0].peerId

    expect(await all(node.services.dht.findPeer(target))).toMatchObject([{ name: 'FINAL_PEER', from: node.peerId, path: { index: -1 } }])
    expect(await all(node.services.dht.findPeer(target, { useNetwork: false }))).toHaveLength(1)
  })

  test('findPeer of a stranger throws NotFoundError', async () => {
    await expect(all(node.services.dht.findPeer(STRANGER))).rejects.toMatchObject({ name: 'NotFoundError' })
    await expect(all(node.services.dht.findPeer(STRANGER, { useNetwork: false }))).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  test('a refresh of the routing table resolves and leaves the peers in it', async () => {
    const { dht } = node.services
    await dht.refreshRoutingTable()

    await vi.waitFor(() => expect(dht.routingTable.size).toBe(SERVERS), { timeout: 10_000 })
  })
})

function bytes (text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

async function cidOf (text: string): Promise<CID> {
  return CID.createV1(0x55, await sha256.digest(bytes(text)))
}

async function sortedByDistance (peers: PeerId[], key: Uint8Array): Promise<string[]> {
  const hash = async (data: Uint8Array): Promise<Uint8Array> => (await sha256.digest(data)).digest
  const target = await hash(key)
  const entries = await Promise.all(peers.map(async peer => ({ peer, distance: xor(await hash(peer.toMultihash().bytes), target) })))

  return entries.sort((a, b) => compare(a.distance, b.distance)).map(({ peer }) => peer.toString())
}

/** The peer that a request's event is about */
function subject (event: QueryEvent): PeerId | undefined {
  switch (event.name) {
    case 'DIAL_PEER': return event.peer
    case 'SEND_QUERY': return event.to
    case 'PEER_RESPONSE':
    case 'QUERY_ERROR': return event.from
    default: return undefined
  }
}
