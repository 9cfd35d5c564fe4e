import { passthroughMapper } from '@libp2p/kad-dht'
import { MemoryDatastore } from 'datastore-core'
import all from 'it-all'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test, vi } from 'vitest'
import { kadDHTInternals } from '../../src/kad-dht/internals.ts'
import { scoredKadDHT } from '../../src/service.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { PROTOCOL } from '../conformance/test-network.ts'
import { scriptedPeer } from './scripted-peer.ts'
import { meet, quietNode } from './test-node.ts'
import type { ScriptedPeer } from './scripted-peer.ts'
import type { ObservedNode } from './test-node.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { KadDHTComponents, KadDHTInit } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

const OTHER_PROTOCOL = '/test/other/kad/1.0.0'

type Instance = ScoredKadDHT & { start (): Promise<void>, stop (): Promise<void> }

interface Pair extends ObservedNode {
  first: Instance
  second: Instance
}

describe('two scored DHTs on one node', () => {
  test('with a directory each keep their scores apart, through a restart', async () => {
    const locations = [await temporaryDirectory(), await temporaryDirectory()]
    const pair = await pairOf({ location: locations[0] }, { location: locations[1] })
    const peer = await scriptedPeer()
    await meet(pair, peer)
    await stop(pair)

    const restarted = await pairOf({ location: locations[0] }, { location: locations[1] })
    expect([restarted.first, restarted.second].map(dht => knows(dht, peer))).toEqual([true, false])
    await stop(restarted)
  })

  test('keep their scores apart in the node\'s datastore, by prefix and protocol', async () => {
    const datastore = new MemoryDatastore()
    const pair = await pairOf({}, {}, { datastore })
    const peer = await scriptedPeer()
    await meet(pair, peer)
    await stop(pair)
    const keys = (await all(datastore.queryKeys({}))).map(key => key.toString())

    expect(keys.filter(key => key.startsWith(`/dht/peer-scores${PROTOCOL}/`))).toHaveLength(1)
    expect(keys.filter(key => key.includes('peer-scores'))).toHaveLength(1)

    const restarted = await pairOf({}, {}, { datastore })
    expect([restarted.first, restarted.second].map(dht => knows(dht, peer))).toEqual([true, false])
    await stop(restarted)
  })

  test('can share one database of the user\'s', async () => {
    const level = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
    const pair = await pairOf({ level }, { level })
    const peer = await scriptedPeer()
    await meet(pair, peer)
    await stop(pair)
    expect(level.status).toBe('open')

    const restarted = await pairOf({ level }, { level })
    expect([restarted.first, restarted.second].map(dht => knows(dht, peer))).toEqual([true, false])
    await stop(restarted)
  })

  test('can\'t share a directory: the second one, if it insists, says so and the first goes on', async () => {
    const location = await temporaryDirectory()
    const pair = await pairOf({ location }, {})
    const peer = await scriptedPeer()
    const intruder = createInstance(pair, { location, strictStore: true })

    await expect(intruder.start()).rejects.toMatchObject({ name: 'ScoreStoreError', message: expect.stringContaining(location) })
    await meet(pair, peer)
    await vi.waitFor(() => { expect(knows(pair.first, peer)).toBe(true) })
    await stop(pair)

    // what failed to start holds nothing, and can start when the place is free
    await intruder.start()
    expect(knows(intruder, peer)).toBe(true)
    await intruder.stop()
  })

  test('of one location both run: the second without a store, until the first is stopped', async () => {
    const location = await temporaryDirectory()
    const pair = await pairOf({ location }, { location, flushIntervalMs: 100 })
    const peer = await scriptedPeer()
    await meet(pair, peer)
    await vi.waitFor(() => { expect(knows(pair.first, peer)).toBe(true) })
    expect(kadDHTInternals(pair.second).isStarted()).toBe(true)
    await pair.node.stop()
    await vi.waitFor(() => { expect(knows(pair.second, peer)).toBe(true) }, { timeout: 20_000 })
    await stop(pair)
  })

  test('of one location make the start of a node that insists fail with the store\'s error', async () => {
    const location = await temporaryDirectory()
    const pair = await pairOf({ location }, {})

    await expect(quietNode(init => scoredKadDHT({ ...init, scoring: { location, strictStore: true } }))).rejects.toMatchObject({ name: 'ScoreStoreError' })
    await stop(pair)
  })
})

/** A node with a DHT that meets the test's peers and a second one that meets nobody */
async function pairOf (first: ScoringInit, second: ScoringInit, options: Libp2pOptions = {}): Promise<Pair> {
  let components: KadDHTComponents | undefined
  const observed = await quietNode(init => given => {
    components = given

    return scoredKadDHT({ ...init, scoring: first })(given)
  }, {}, options)
  const pair = Object.assign(observed, { first: observed.node.services.dht as unknown as Instance, components })
  const other = createInstance(pair, second, { datastorePrefix: '/other', logPrefix: 'libp2p:other', metricsPrefix: 'other' })
  await other.start()

  return Object.assign(pair, { second: other })
}

function createInstance (pair: object, scoring: ScoringInit, init: KadDHTInit = {}): Instance {
  const { components } = pair as { components: KadDHTComponents }

  return scoredKadDHT({ protocol: OTHER_PROTOCOL, clientMode: true, allowQueryWithZeroPeers: true, peerInfoMapper: passthroughMapper, ...init, scoring })(components) as Instance
}

async function stop ({ node, second }: Pair): Promise<void> {
  await second.stop()
  await node.stop()
}

function knows ({ scores }: ScoredKadDHT, { peerId }: ScriptedPeer): boolean {
  return scores.get(peerId).record !== undefined
}
