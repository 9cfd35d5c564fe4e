import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import { describe, expect, test, vi } from 'vitest'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { kadIdOf } from '../../src/libp2p/peers/kad-id-of.ts'
import { ids, waitForTable } from '../conformance/test-network.ts'
import { countingTCP } from './counting-tcp.ts'
import { fillTable } from './fill-table.ts'
import { entryOf, scriptedPeer } from './scripted-peer.ts'
import { refusingAddress, silentPort } from './silent-port.ts'
import { BOTH, countingNode, meet, outcomesOf, quietNode, request, strangerId } from './test-node.ts'
import type { DHTMessagePeer } from '../../src/kad-dht/dht-message.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { ScriptedPeer } from './scripted-peer.ts'
import type { ObservedNode } from './test-node.ts'
import type { MultiaddrResolver, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const KEY = new TextEncoder().encode('/test/key')
const FIND_NODE = { type: 'FIND_NODE', key: KEY } as const

/** What stock opens to one address at a time when an answer gives it to a hundred peers */
const STOCK_DIALS_AT_ONCE = 20

const CERTHASH = 'uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ'

const UNDIALABLE: Record<string, (port: number) => string> = {
  QUIC: port => `/ip4/127.0.0.1/udp/${port}/quic-v1`,
  WebTransport: port => `/ip4/127.0.0.1/udp/${port}/quic-v1/webtransport/certhash/${CERTHASH}`,
  WebRTC: port => `/ip4/127.0.0.1/udp/${port}/webrtc-direct/certhash/${CERTHASH}`
}

const NAMES = ['kadDHT', 'scoredKadDHT'] as const

describe.each(NAMES)('%s finds a live peer', name => {
  test.each(Object.keys(UNDIALABLE).flatMap(kind => [8, 31, 200].map(count => ({ kind, count }))))('with $count $kind addresses before its TCP one', async ({ kind, count }) => {
    const peer = await scriptedPeer()
    const others = Array.from({ length: count }, (_, index) => multiaddr(UNDIALABLE[kind](index + 1)))
    const node = await facing(name, [entryOf(peer.peerId, [...others, ...peer.node.getMultiaddrs()])])

    expect(await found(node, near(peer))).toContain(peer.peerId.toString())
  })

  test('that restarted on a new port, which discovery puts into the peer store', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const before = await scriptedPeer({ privateKey })
    const node = await facing(name, [entryOf(before.peerId, before.node.getMultiaddrs())])
    await meet(node, before)
    expect(await found(node, near(before))).toContain(before.peerId.toString())

    await before.node.stop()
    const after = await scriptedPeer({ privateKey })
    await node.node.peerStore.merge(after.peerId, { multiaddrs: after.node.getMultiaddrs() })

    for (let lookup = 0; lookup < 3; lookup++) {
      expect(await found(node, near(after))).toContain(after.peerId.toString())
      await node.node.hangUp(after.peerId)
    }
  })

  test('beside one whose name takes long to resolve', async () => {
    const peers = await Promise.all(Array.from({ length: 5 }, async () => scriptedPeer()))
    const slow = await strangerId()
    const node = await facing(name, [entryOf(slow, [multiaddr('/dnsaddr/slow.example')]), ...peers.map(peer => entryOf(peer.peerId, peer.node.getMultiaddrs()))], {
      resolver: async () => new Promise(resolve => { setTimeout(() => { resolve([]) }, 3_000) })
    })
    const [seed] = [...node.dht.routingTable.kb.toIterable()]

    expect(await found(node, await keyFarFrom(seed.peerId, [slow, ...peers.map(({ peerId }) => peerId)]))).toEqual(expect.arrayContaining(ids(peers)))
  }, 20_000)
})

describe('scoredKadDHT', () => {
  test.each<[string, MultiaddrResolver['resolve']]>([
    ['never ends', async () => new Promise(() => {})],
    ['ends when it is told to', async (_, { signal }) => new Promise((_resolve, reject) => { signal?.addEventListener('abort', () => { reject(signal.reason) }) })],
    ['throws', async () => { throw new Error('no such name') }],
    ['throws at once', () => { throw new Error('no such name') }]
  ])('takes in those who were checked, while the resolving of forty names %s', async (_, resolver) => {
    const peers = await Promise.all(Array.from({ length: 5 }, async () => scriptedPeer()))
    const slow = await Promise.all(Array.from({ length: 30 }, async (_, index) => entryOf(await strangerId(), [multiaddr(`/dnsaddr/${index}.example`)])))
    const node = await facing('scoredKadDHT', [...slow, ...peers.map(peer => entryOf(peer.peerId, peer.node.getMultiaddrs()))], { resolver })
    const startedAt = performance.now()

    expect(await found(node)).toEqual(expect.arrayContaining(ids(peers)))
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('starts a lookup with those who were checked, when the table holds one whose name does not resolve', async () => {
    const peer = await scriptedPeer()
    const node = await facing('scoredKadDHT', [], { resolver: async () => new Promise(() => {}) })
    await meet(node, peer)
    await fillTable(node.node, [{ id: await strangerId(), multiaddrs: [multiaddr('/dnsaddr/slow.example')] }])

    expect(await found(node)).toContain(peer.peerId.toString())
  })

  test('finds a live peer that another answer names at eight addresses of others', async () => {
    const peer = await scriptedPeer()
    const junk = await Promise.all(Array.from({ length: 8 }, refusingAddress))
    const liar = await scriptedPeer({ script: () => ({ closer: [entryOf(peer.peerId, junk)] }) })
    const node = await facing('scoredKadDHT', [entryOf(liar.peerId, liar.node.getMultiaddrs()), entryOf(peer.peerId, peer.node.getMultiaddrs())])
    await meet(node, liar)

    for (let lookup = 0; lookup < 3; lookup++) {
      expect(await found(node, near(peer))).toContain(peer.peerId.toString())
      await node.node.hangUp(peer.peerId)
    }
  })

  test('finds a peer that is known by a name only', async () => {
    const peer = await scriptedPeer()
    const node = await facing('scoredKadDHT', [entryOf(peer.peerId, [multiaddr('/dnsaddr/quick.example')])], {
      resolver: async () => new Promise(resolve => { setTimeout(() => { resolve(peer.node.getMultiaddrs()) }, 300) })
    })

    expect(await found(node)).toContain(peer.peerId.toString())
  })

  test('does not think less of a peer that restarted on a new port', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const before = await scriptedPeer({ privateKey })
    const node = await countingNode({}, {}, { parameters: { weightCap: 3 } })
    await meet(node, before)
    await found(node)
    await before.node.stop()
    const after = await scriptedPeer({ privateKey })
    await node.node.peerStore.merge(after.peerId, { multiaddrs: after.node.getMultiaddrs() })

    for (let lookup = 0; lookup < 5; lookup++) {
      expect(await found(node)).toContain(after.peerId.toString())
      await node.node.hangUp(after.peerId)
    }

    expect(node.dht.scores.get(after.peerId).class).toBe('good')
    expect(node.dht.scores.get(after.peerId).addresses[0].multiaddr.toString()).toBe(bare(after).toString())
  })

  test('reaches a peer whose old address has gone silent at its new one, in the same lookup', async () => {
    const peer = await scriptedPeer()
    const port = await silentPort()
    const node = await countingNode()
    const seed = await scriptedPeer({ script: () => ({ closer: [entryOf(peer.peerId, [port.address, bare(peer)])] }) })
    await meet(node, seed)

    expect(await found(node)).toContain(peer.peerId.toString())
  }, 20_000)

  test.each(['a lookup', 'a ping'])('in %s dials no address that the mapper filtered, wherever it is from', async how => {
    const filtered = await silentPort()
    const dials: string[] = []
    const peer = await scriptedPeer()
    const hidden = await strangerId()
    const node = await quietNode(BOTH.scoredKadDHT, {
      peerInfoMapper: info => ({ ...info, multiaddrs: info.multiaddrs.filter(address => !address.toString().startsWith(filtered.address.toString())) })
    }, { transports: [countingTCP(dials)] })
    const seed = await scriptedPeer({ script: () => ({ closer: [entryOf(hidden, [filtered.address]), entryOf(peer.peerId, [filtered.address, ...peer.node.getMultiaddrs()])] }) })
    await meet(node, seed)
    await node.node.peerStore.merge(peer.peerId, { multiaddrs: [filtered.address] })
    await node.node.peerStore.merge(hidden, { multiaddrs: [filtered.address] })

    if (how === 'a lookup') {
      expect(await found(node)).toContain(peer.peerId.toString())
    } else {
      await node.node.peerStore.merge(peer.peerId, { multiaddrs: peer.node.getMultiaddrs() })
      await node.dht.routingTable.add(hidden)
      await node.dht.routingTable.add(peer.peerId)
      await waitForTable(node.node, 2)
    }

    expect(dials.filter(dialled => dialled.startsWith(filtered.address.toString()))).toEqual([])
    expect(filtered.accepted).toBe(0)
  })

  test('has few dials at once to an address that answers give to many peers', async () => {
    const victim = await silentPort()
    const node = await quietNode(BOTH.scoredKadDHT)
    await liars(node, 5, () => victim.address)
    const lookups = Promise.all(Array.from({ length: 3 }, async (_, index) => found(node, Uint8Array.of(index))))
    await vi.waitFor(() => { expect(victim.accepted).toBeGreaterThan(0) })
    const startedAt = performance.now()
    await lookups
    expect(performance.now() - startedAt).toBeLessThan(10_000)

    expect(victim.mostOpen).toBeLessThanOrEqual(STOCK_DIALS_AT_ONCE)
  }, 60_000)

  test('has few dials at once to a host of which answers name many ports, and finds who lives there', async () => {
    const ports = await Promise.all(Array.from({ length: 100 }, silentPort))
    const peer = await scriptedPeer()
    const node = await quietNode(BOTH.scoredKadDHT)
    let open = 0
    const watch = setInterval(() => { open = Math.max(open, ports.reduce((sum, port) => sum + port.open, 0)) }, 5)
    await liars(node, 2, index => ports[index % ports.length].address, [entryOf(peer.peerId, peer.node.getMultiaddrs())])
    const peers = await found(node)
    clearInterval(watch)

    expect(open).toBeLessThanOrEqual(STOCK_DIALS_AT_ONCE)
    expect(peers).toContain(peer.peerId.toString())
  }, 60_000)

  test('thinks no less of a peer for which there was no room at its host', async () => {
    const ports = await Promise.all(Array.from({ length: 117 }, silentPort))
    const node = await countingNode({ networkDialTimeout: { minTimeout: 10_000 } })
    const named = await liars(node, 3, index => ports[index].address)
    await Promise.all(Array.from({ length: 3 }, async (_, index) => found(node, Uint8Array.of(index))))
    const blamed = named.filter((id, index) => outcomesOf(node, id).count > 0 && ports[index].accepted === 0)

    expect(ports.filter(({ accepted }) => accepted > 0).length).toBeGreaterThan(0)
    expect(blamed).toEqual([])
  }, 60_000)

  test('finds out the forty peers that are said to be at one silent address, though it dials few of them', async () => {
    const victim = await silentPort()
    const node = await countingNode()
    const named = await liars(node, 1, () => victim.address)
    await found(node)

    await vi.waitFor(() => { expect(named.filter(id => outcomesOf(node, id).last === 'dialFailed' || outcomesOf(node, id).last === 'timedOut').length).toBe(named.length) }, { timeout: 15_000 })
    expect(victim.accepted).toBeLessThan(named.length)
  }, 60_000)

  test('counts a dial that eight requests wait for once against its address', async () => {
    const node = await countingNode()
    const id = await strangerId()
    await node.node.peerStore.merge(id, { multiaddrs: [await refusingAddress()] })
    await Promise.all(Array.from({ length: 8 }, async () => all(request(node.dht.network, id, FIND_NODE))))

    expect(node.dht.scores.get(id).addresses.map(({ reliability }) => reliability)).toEqual([expect.closeTo(0.35)])
  })

  test('goes on with a dial that one of two requests gave up, and ends it when both did, without blaming its address', async () => {
    const node = await countingNode()
    const id = await strangerId()
    const port = await silentPort()
    await node.node.peerStore.merge(id, { multiaddrs: [port.address] })
    const controllers = [new AbortController(), new AbortController()]
    const requests = controllers.map(async ({ signal }) => all(request(node.dht.network, id, FIND_NODE, { signal })))
    await vi.waitFor(() => { expect(port.open).toBe(1) })

    controllers[0].abort()
    await requests[0]
    expect(port.open).toBe(1)

    controllers[1].abort()
    await requests[1]
    await vi.waitFor(() => { expect(port.open).toBe(0) })
    expect(port.accepted).toBe(1)
    expect(node.dht.scores.get(id).addresses.map(({ reliability }) => reliability)).toEqual([0.5])
  })

  test('keeps no address that says that it is another peer\'s', async () => {
    const peer = await scriptedPeer()
    const other = await scriptedPeer()
    const node = await facing('scoredKadDHT', [entryOf(peer.peerId, [...other.node.getMultiaddrs(), ...peer.node.getMultiaddrs()])])

    expect(await found(node)).toContain(peer.peerId.toString())
    expect((node.dht as unknown as ScoredKadDHT).scores.get(peer.peerId).addresses.map(({ multiaddr }) => multiaddr.toString())).toEqual([bare(peer).toString()])
  })

  test('finds thirty live peers behind one host at their first naming', async () => {
    const peers = await Promise.all(Array.from({ length: 30 }, async () => scriptedPeer()))
    const node = await facing('scoredKadDHT', peers.map(peer => entryOf(peer.peerId, peer.node.getMultiaddrs())), {}, { kBucketSize: 40 })

    expect(await found(node)).toEqual(expect.arrayContaining(ids(peers)))
  })
})

/** A node whose table holds a peer that names these */
async function facing (name: typeof NAMES[number], closer: DHTMessagePeer[], { resolver }: { resolver?: MultiaddrResolver['resolve'] } = {}, init = {}): Promise<ObservedNode> {
  const node = await quietNode(BOTH[name], init, {
    connectionManager: {
      inboundConnectionThreshold: Infinity,
      ...(resolver !== undefined && { resolvers: { dnsaddr: { canResolve: (address: Multiaddr) => address.toString().includes('dnsaddr'), resolve: resolver } } })
    }
  })
  const seed = await scriptedPeer({ script: () => ({ closer }) })
  await meet(node, seed)

  return node
}

/** Peers in a node's table that each name forty strangers */
async function liars (node: ObservedNode, count: number, addressOf: (index: number) => Multiaddr, honest: DHTMessagePeer[] = []): Promise<PeerId[]> {
  const named: PeerId[] = []

  for (let liar = 0; liar < count; liar++) {
    const strangers = await Promise.all(Array.from({ length: 39 }, strangerId))
    const entries = strangers.map((id, index) => entryOf(id, [addressOf(named.length + index)]))
    named.push(...strangers)
    await meet(node, await scriptedPeer({ script: () => ({ closer: [...entries, ...honest] }) }))
  }

  return named
}

async function found ({ dht }: ObservedNode, key = KEY): Promise<string[]> {
  return ids((await all(dht.getClosestPeers(key))).flatMap(event => event.name === 'FINAL_PEER' ? [event.peer.id] : []))
}

/** kad-dht follows only those who are closer than who names them: a key that nobody is closer to */
function near ({ peerId }: ScriptedPeer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(peerId.toMultihash().bytes)
}

/** A key to which all of these are closer than the other */
async function keyFarFrom (other: PeerId, peers: PeerId[]): Promise<Uint8Array<ArrayBuffer>> {
  const far = await kadIdOf(other.toMultihash().bytes)
  const kadIds = await Promise.all(peers.map(async id => kadIdOf(id.toMultihash().bytes)))

  for (let version = 0; ; version++) {
    const key = new TextEncoder().encode(`/test/${version}`)
    const target = await kadIdOf(key)

    if (kadIds.every(kadId => compareDistance(target, kadId, far) < 0)) {
      return key
    }
  }
}

function bare ({ node, peerId }: ScriptedPeer): Multiaddr {
  return node.getMultiaddrs()[0].decapsulate(`/p2p/${peerId.toString()}`)
}
