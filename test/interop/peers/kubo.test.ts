import { IPNSEntry, multihashToIPNSRoutingKey } from '@helia/ipns'
import all from 'it-all'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { builtProgram } from '../../../benchmarks/foreign/built-program.ts'
import { BOTH } from '../../libp2p/test-node.ts'
import { block } from './cases/block.ts'
import { foundValue } from './cases/found-value.ts'
import { foreignPeerSuite } from './foreign-peer-suite.ts'
import { ipnsName } from './ipns-records.ts'
import { KUBO_PROTOCOL, KuboPeer } from './kubo-peer.ts'
import { meet, SOON, startNode } from './meet.ts'
import type { KuboDaemonInit } from './kubo-daemon.ts'
import type { KadDHTFactory } from '../../conformance/test-network.ts'
import type { PeerId } from '@libp2p/interface'

const PATHS = ['/ipfs/bafkqaaa', '/ipfs/bafkqabtimvwgy3yk']

const program = builtProgram('kubo')

foreignPeerSuite({
  name: 'Kubo',
  program: 'kubo',
  protocol: KUBO_PROTOCOL,
  start: async (program, init) => KuboPeer.start(program, init),
  // its command takes records of names only
  publicKeys: false
})

describe.skipIf(program === undefined)('names of Kubo', () => {
  test.each(Object.entries(BOTH))('published by it are found by %s, and by others through us, up to the newest', async (_, factory) => {
    const [publisher, reader] = [await startKubo(), await startKubo()]
    const node = await startNode(factory, KUBO_PROTOCOL)
    await meet(node, publisher, reader)
    const key = multihashToIPNSRoutingKey(publisher.id.toMultihash())

    for (const path of PATHS) {
      const name = await publisher.publishName(path)
      const value = await foundValue(node, key)
      expect(new TextDecoder().decode(IPNSEntry.decode(value ?? new Uint8Array()).value)).toBe(path)
      expect(await reader.resolveName(name)).toBe(path)
    }
  })

  test.each(Object.entries(BOTH))('published by %s are resolved by it, up to the newest', async (_, factory) => {
    const reader = await startKubo()
    const node = await startNode(factory, KUBO_PROTOCOL)
    await meet(node, reader)
    const { id, key, record } = await ipnsName()

    for (const [index, path] of PATHS.entries()) {
      await all(node.services.dht.put(key, await record(path, index + 1)))
      expect(await reader.resolveName(id)).toBe(path)
    }
  })
})

describe.skipIf(program === undefined)('Kubo as its users run it', () => {
  test.each(Object.entries(BOTH))('provides by sweep through %s, whose record others find', async (_, factory) => {
    const [provider, seeker] = [await startKubo(), await startKubo()]
    const node = await startNode(factory, KUBO_PROTOCOL)
    await meet(node, provider, seeker)
    const { bytes, multihash } = await block()

    await provider.provideOnce(bytes)
    const providers = [String(provider.id)]
    await vi.waitFor(async () => {
      expect((await seeker.perform({ operation: 'find-providers', key: multihash, providers })).found).toEqual(providers)
    }, SOON)
    // a sweep in several regions counts a peer once in each of them
    const { Sweep: { operations, network } } = await provider.provideStat()
    expect(operations.past.keys_failed).toBe(0)
    expect(network.peers).toBeGreaterThanOrEqual(2)
  })

  test.each(Object.entries(BOTH))('is a server of peers nearby before it knows whether all others can reach it, and knows %s', async (_, factory) => {
    const kubo = await startKubo({ mode: 'auto' })
    const node = await startNode(factory, KUBO_PROTOCOL)

    await meet(node, kubo)
  })
})

describe.skipIf(program === undefined)('Kubo\'s log', () => {
  test('tells of us what it tells of stock', async () => {
    const [stock, ours] = [await seenByKubo(BOTH.kadDHT), await seenByKubo(BOTH.scoredKadDHT)]

    expect(ours).toEqual(stock)
    expect(stock.events).toContain('dht: failed to store PUT_VALUE record')
    expect(stock.events).toContain('dht: handling message of type 2')
    expect(stock.identity.Protocols).toContain(KUBO_PROTOCOL)
  })
})

async function startKubo (init?: KuboDaemonInit): Promise<KuboPeer> {
  const peer = await KuboPeer.start(program ?? '', init)
  onTestFinished(async () => { await peer.stop() })

  return peer
}

/** What Kubo sees of a node that does all that a user may do: each kind of log entry that names it, once */
async function seenByKubo (factory: KadDHTFactory): Promise<{ events: string[], identity: { AgentVersion: string, Protocols: string[] } }> {
  const [kubo, other] = [await startKubo({ logLevel: 'error,dht=debug,net/identify=debug,rcmgr=debug' }), await startKubo()]
  const node = await startNode(factory, KUBO_PROTOCOL)
  await meet(node, kubo, other)
  const { key, record } = await ipnsName()
  const [first, second] = [await block(), await block()]

  await all(node.services.dht.put(key, await record(PATHS[1], 2)))
  await all(node.services.dht.put(key, await record(PATHS[0], 1)))
  await all(node.services.dht.get(key))
  await all(node.services.dht.provide(first.cid))
  await kubo.perform({ operation: 'provide', key: second.multihash, value: second.bytes })
  await all(node.services.dht.findProviders(second.cid))
  await all(node.services.dht.getClosestPeers(other.id.toMultihash().bytes))
  await kubo.perform({ operation: 'closest-peers', key: other.id.toMultihash().bytes })
  const { AgentVersion, Protocols } = await kubo.identityOf(node.peerId)

  return { events: eventsAbout(node.peerId, kubo.log), identity: { AgentVersion, Protocols } }
}

/** Fields of a line are the time, the level, the part, the place in its source, the message, and the values as JSON */
function eventsAbout (id: PeerId, log: string): string[] {
  const events = log.split('\n').filter(line => line.includes(id.toString())).map(line => {
    const [, , part, , message, values = '{}'] = line.split('\t')
    const { type } = JSON.parse(values)

    // some messages name a key and the peer
    return `${part}: ${message.replace(/\(.*\)/, '')}${type === undefined ? '' : ` of type ${type}`}`
  })

  return [...new Set(events)].sort()
}
