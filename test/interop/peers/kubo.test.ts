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
    expect(await provider.provideStat()).toMatchObject({})
  })
})

async function startKubo (init?: KuboDaemonInit): Promise<KuboPeer> {
  const peer = await KuboPeer.start(program ?? '', init)
  onTestFinished(async () => { await peer.stop() })

  return peer
}
