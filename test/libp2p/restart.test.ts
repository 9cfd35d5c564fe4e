import { stop } from '@libp2p/interface'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import all from 'it-all'
import drain from 'it-drain'
import { TypedEventEmitter } from 'main-event'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ids, PROTOCOL, TestNetwork, waitForTable } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { countingTCP } from './counting-tcp.ts'
import { scoresOf } from './scores-of.ts'
import { scored } from './test-node.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { PeerDiscovery, PeerDiscoveryEvents, PeerId, Startable } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { KadDHTInit } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'

const SERVERS = 6

/** A node that starts no lookup of its own, so that all dials are the warm start's */
const QUIET: KadDHTInit = { initialQuerySelfInterval: 3_600_000 }

/** When @libp2p/bootstrap dials its list, ms after the start */
const BOOTSTRAP_AFTER_MS = 1_000

interface Start {
  init?: KadDHTInit
  scoring?: ScoringInit
  options?: Libp2pOptions
}

describe('A node that restarts with its scores and nothing else', () => {
  let network: TestNetwork
  let location: string
  let dials: string[]

  /** A node with an empty peer store; its transport notes what it dials */
  async function start ({ init, scoring, options }: Start = {}): Promise<TestNode> {
    dials = []

    return network.createNode({ clientMode: true, ...init }, { transports: [countingTCP(dials)], ...options }, scored({ location, ...scoring }))
  }

  /** What a first run leaves behind: all servers were met, each has its score */
  async function run (): Promise<Map<string, ReturnType<ScoredKadDHT['scores']['get']>>> {
    const node = await start()
    await node.dial(network.servers[0].getMultiaddrs())
    await waitForTable(node, SERVERS)
    await drain(node.services.dht.getClosestPeers(Uint8Array.of(1)))
    await expect.poll(() => scoresOf(node).counts().good, { timeout: 10_000 }).to.equal(SERVERS)
    const scores = new Map(network.servers.map(({ peerId }) => [peerId.toString(), scoresOf(node).get(peerId)]))
    await node.stop()

    return scores
  }

  beforeEach(async () => {
    network = new TestNetwork(kadDHT)
    onTestFinished(async () => { await network.stop() })
    location = await temporaryDirectory()
    await network.start(SERVERS)
  })

  test('finds its peers without any bootstrap, with the scores that it had', async () => {
    const before = await run()
    const node = await start()
    expect(scoresOf(node).counts()).to.deep.equal({ good: SERVERS, neutral: 0, unacceptable: 0 })

    for (const [peer, { id, record, addresses }] of before) {
      const after = scoresOf(node).get(id)
      expect(after.record?.reliability, peer).to.be.closeTo(record?.reliability ?? NaN, 1e-6)
      expect(after.record?.latencyMs, peer).to.be.closeTo(record?.latencyMs ?? NaN, 1e-3)
      expect(after.addresses.map(({ multiaddr }) => multiaddr.toString()), peer).to.deep.equal(addresses.map(({ multiaddr }) => multiaddr.toString()))
    }

    await waitForTable(node, SERVERS)
    expect(closest(await all(node.services.dht.getClosestPeers(Uint8Array.of(2))))).to.deep.equal(ids(network.servers))
  })

  test('dials the best first, and no more of them than it is told to', async () => {
    await run()
    const node = await start({ init: QUIET, scoring: { warmStartDials: 2 } })
    const best = scoresOf(node).top(2).map(({ id }) => id.toString())
    await waitForTable(node, 2)

    expect(dials.map(peerIn)).to.deep.equal(best)
  })

  test('dials them before its bootstrap list', async () => {
    await run()
    const stranger = await network.createNode({ clientMode: false }, {}, kadDHT)
    const node = await start({ init: QUIET, options: { peerDiscovery: [bootstrapList(stranger.getMultiaddrs())] } })
    await waitForTable(node, SERVERS + 1)

    expect(dials.map(peerIn).slice(0, SERVERS).sort()).to.deep.equal(ids(network.servers))
    expect(peerIn(dials[SERVERS])).to.equal(stranger.peerId.toString())
  })

  test('dials no address that peerInfoMapper takes out', async () => {
    await run()
    const [allowed] = network.servers
    const node = await start({ init: { ...QUIET, peerInfoMapper: info => allowed.peerId.equals(info.id) ? passthroughMapper(info) : { ...info, multiaddrs: [] } } })
    await waitForTable(node, 1)

    expect(new Set(dials.map(peerIn))).to.deep.equal(new Set([allowed.peerId.toString()]))
    expect(scoresOf(node).size, 'the scores are kept').to.equal(SERVERS)
  })

  test('tags no more than a tenth of what the connection manager holds', async () => {
    await run()
    const node = await start({ init: QUIET, scoring: { flushIntervalMs: 100, keepAlivePeers: 10 }, options: { connectionManager: { maxConnections: 20 } } })
    await waitForTable(node, SERVERS)
    const tagged = async (): Promise<number> => (await node.peerStore.all()).filter(({ tags }) => tags.has(`scored-kad-dht:${PROTOCOL}`)).length

    await expect.poll(tagged, { timeout: 5_000 }).to.equal(2)
    await new Promise(resolve => { setTimeout(resolve, 300) })
    expect(await tagged()).to.equal(2)

    await stop(node.services.dht)
    expect(await tagged(), 'tags are taken away at the stop').to.equal(0)
  })

  test('has forgotten what it was told to forget', async () => {
    await run()
    const cold = { init: QUIET, scoring: { warmStartDials: 0 } }
    const second = await start(cold)
    const [{ peerId: forgotten }, { peerId: kept }] = network.servers
    await scoresOf(second).delete(forgotten)
    await second.stop()

    const third = await start(cold)
    expect(scoresOf(third).size).to.equal(SERVERS - 1)
    expect(scoresOf(third).get(forgotten)).to.deep.include({ record: undefined, score: 0.5, addresses: [] })
    expect(scoresOf(third).get(kept).class).to.equal('good')
    await scoresOf(third).clear()
    await third.stop()

    expect(scoresOf(await start(cold)).size).to.equal(0)
  })

  test('works through its bootstrap list where none of the peers it knows is left', async () => {
    await run()
    const old = ids(network.servers)
    await network.stop()
    network = new TestNetwork(kadDHT)
    onTestFinished(async () => { await network.stop() })
    await network.start(3)

    const [server] = network.servers
    const node = await start({ options: { peerDiscovery: [bootstrapList(server.getMultiaddrs())] } })
    const found = closest(await all(node.services.dht.getClosestPeers(Uint8Array.of(5))))

    expect(found).to.deep.equal(ids(network.servers))
    expect(dials.map(peerIn).slice(0, SERVERS).sort(), 'those it knew were tried first').to.deep.equal(old)
  })
})

/** Dials a peer some time after the start, as `@libp2p/bootstrap` does */
function bootstrapList (multiaddrs: Multiaddr[]): (components: { connectionManager: ConnectionManager }) => PeerDiscovery & Startable {
  return ({ connectionManager }) => {
    let timer: ReturnType<typeof setTimeout> | undefined

    return Object.assign(new TypedEventEmitter<PeerDiscoveryEvents>(), {
      start: () => { timer = setTimeout(() => { connectionManager.openConnection(multiaddrs).catch(() => {}) }, BOOTSTRAP_AFTER_MS) },
      stop: () => { clearTimeout(timer) }
    })
  }
}

function closest (events: Awaited<ReturnType<typeof all>>): string[] {
  return ids((events as Array<{ name: string, peer: { id: PeerId } }>).flatMap(event => event.name === 'FINAL_PEER' ? [event.peer] : []))
}

function peerIn (address: string): string {
  return address.slice(address.lastIndexOf('/') + 1)
}
