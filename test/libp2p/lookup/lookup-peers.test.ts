import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, test } from 'vitest'
import { LookupPeers } from '../../../src/libp2p/lookup/lookup-peers.ts'
import { kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import { Lookups } from '../../../src/lookup/lookups.ts'
import { validateLookupParameters } from '../../../src/parameters/lookup-parameters.ts'
import { requestTimeouts } from '../../../src/parameters/request-timeouts.ts'
import { ScoredRoutingTable } from '../../../src/routing-table/scored-routing-table.ts'
import { EpsilonGreedySelector } from '../../../src/selection/epsilon-greedy-selector.ts'
import { responded } from '../../score/outcomes.ts'
import { componentsOf } from '../components-of.ts'
import { noBuckets } from '../no-buckets.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { strangerId } from '../test-node.ts'
import type { InternalRoutingTable } from '../../../src/kad-dht/internals.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const TCP = multiaddr('/ip4/1.2.3.4/tcp/4001')
const QUIC = multiaddr('/ip4/1.2.3.4/udp/4001/quic-v1')
const NAME = multiaddr('/dnsaddr/example.com')

const TARGET = new Uint8Array(32)

let node: Libp2p
let table: ScoredRoutingTable<string>
let book: PeerBook
let lookups: Lookups<string>
let components: Awaited<ReturnType<typeof componentsOf>>['components']
let peers: LookupPeers
/** What a name resolves to, as long as it takes */
let resolved: PromiseWithResolvers<boolean>

beforeEach(async () => {
  ({ node, components } = await componentsOf())
  resolved = Promise.withResolvers()
  const connectionManager: Pick<typeof components.connectionManager, 'isDialable'> = {
    isDialable: async (addresses, options) => String(addresses) === NAME.toString() ? resolved.promise : components.connectionManager.isDialable(addresses, options)
  }
  table = new ScoredRoutingTable<string>({ buckets: noBuckets(), localPeer: 'ourselves' })
  book = new PeerBook({ connectionManager }, { maxPeers: 100, keeps: () => true, peerInfoMapper: info => info, now: () => 0 })
  lookups = new Lookups<string>({
    table,
    selector: new EpsilonGreedySelector({ epsilon: 0, random: () => 0 }),
    parameters: validateLookupParameters(),
    timeouts: requestTimeouts()
  })
  const routingTable: Pick<InternalRoutingTable, 'closestPeers'> = { closestPeers: (kadId, { count = 0 } = {}) => table.candidates(kadId, count, 0).map(({ peer }) => book.idOf(peer)) }
  peers = new LookupPeers(components, { routingTable, lookups, book, now: () => 0 })
})

/** A peer that has answered, whose addresses are in the book */
async function remembered (...multiaddrs: Multiaddr[]): Promise<PeerId> {
  const id = await strangerId()
  table.record({ peer: id.toString(), kadId: await kadIdOf(id.toMultihash().bytes) }, responded(50), 0)
  await book.restore(id.toString(), id.toMultihash().bytes, multiaddrs.map(({ bytes: multiaddr }) => ({ multiaddr, reliability: 0.5 })))

  return id
}

describe('a lookup starts with', () => {
  test('the remembered peers that this node can dial', async () => {
    const dialable = await remembered(TCP)
    await remembered(QUIC)
    const { peers: start, checks } = await peers.start(TARGET, {})

    expect(start.map(({ peer }) => peer)).toEqual([dialable.toString()])
    expect(start[0]).toMatchObject({ peerClass: 'good', connected: false, kadId: await kadIdOf(dialable.toMultihash().bytes) })
    expect(checks).toEqual([])
  })

  test('those who are connected, whatever their addresses', async () => {
    const peer = await scriptedPeer()
    await node.dial(peer.node.getMultiaddrs())
    table.record({ peer: peer.peerId.toString(), kadId: await kadIdOf(peer.peerId.toMultihash().bytes) }, responded(50), 0)

    expect((await peers.start(TARGET, {})).peers).toMatchObject([{ peer: peer.peerId.toString(), connected: true }])
  })

  test('connected peers beyond the closest, for hints', async () => {
    const [server, stranger] = [await scriptedPeer(), await scriptedPeer()]
    await Promise.all([server, stranger].map(async ({ node: other }) => node.dial(other.getMultiaddrs())))
    table.record({ peer: server.peerId.toString(), kadId: await kadIdOf(server.peerId.toMultihash().bytes) }, responded(50), 0)
    await book.add(server.peerId)
    const withoutClosest = new LookupPeers(components, { routingTable: { closestPeers: () => [] }, lookups, book, now: () => 0 })

    expect((await withoutClosest.start(TARGET, {})).peers).toMatchObject([{ peer: server.peerId.toString(), connected: true }])
  })

  test('those whose addresses the peer store knows', async () => {
    const id = await remembered()
    await node.peerStore.merge(id, { multiaddrs: [TCP] })

    expect((await peers.start(TARGET, {})).peers.map(({ peer }) => peer)).toEqual([id.toString()])
    expect(peers.addressesOf(id.toString()).map(String)).toEqual([TCP.toString()])
  })

  test('all of them where nobody can be dialled: a dial may find an address', async () => {
    const ids = [await remembered(), await remembered(QUIC)]

    expect((await peers.start(TARGET, {})).peers.map(({ peer }) => peer).sort()).toEqual(ids.map(String).sort())
  })

  test('those who were checked, while a name takes long to resolve', async () => {
    const [dialable, slow] = [await remembered(TCP), await remembered(NAME)]
    const { peers: start, checks } = await peers.start(TARGET, {})

    expect(start.map(({ peer, unchecked }) => [peer, unchecked ?? false]).sort()).toEqual([[dialable.toString(), false], [slow.toString(), true]].sort())
    expect(checks.map(({ peer }) => peer)).toEqual([slow.toString()])
    resolved.resolve(true)
    expect(await checks[0].dialable).toBe(true)
  })

  test('nobody before one is known to be dialable', async () => {
    const slow = await remembered(NAME)
    const start = peers.start(TARGET, {})
    expect(await Promise.race([start, new Promise(resolve => { setTimeout(() => { resolve('waiting') }, 20) })])).toBe('waiting')

    resolved.resolve(true)
    expect((await start).peers.map(({ peer }) => peer)).toEqual([slow.toString()])
  })

  test('an error when it is given up before that', async () => {
    await remembered(NAME)

    await expect(peers.start(TARGET, { signal: AbortSignal.timeout(10) })).rejects.toThrow()
  })
})

describe('of those whom an answer names a lookup hears of', () => {
  test('who can be dialled', async () => {
    const [dialable, other] = [await strangerId(), await strangerId()]
    const { peers: heard } = await peers.named([{ id: dialable, multiaddrs: [TCP] }, { id: other, multiaddrs: [QUIC] }], 'referrer', {})

    expect(heard.map(({ peer }) => peer)).toEqual([dialable.toString()])
  })

  test('what follows from who named them', async () => {
    const [id, referrer] = [await strangerId(), await strangerId()]

    for (let i = 0; i < 20; i++) {
      table.scores.recordReferral(referrer.toString(), false, 0)
    }

    const [heard] = (await peers.named([{ id, multiaddrs: [TCP] }], referrer.toString(), {})).peers
    expect(heard.score).toBeLessThan(0.5)
  })
})
