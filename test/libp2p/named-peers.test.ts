import { peerIdFromString } from '@libp2p/peer-id'
import { expect, onTestFinished, test } from 'vitest'
import { createFaultClient } from '../../benchmarks/faults/fault-client.ts'
import { lookups } from '../../benchmarks/faults/lookups.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { faultyNetwork } from './faulty-network.ts'
import { scored } from './test-node.ts'
import type { LookupStep } from '../../src/index.ts'
import type { ScoredKadDHT } from '../../src/service.ts'

const K = 5

test('a lookup begins with peers that earlier answers have named, asks them, and they are peers with a score then', async () => {
  const steps: LookupStep[] = []
  const { client, servers } = await faultyNetwork(60, {
    factory: scored({ onLookupStep: step => { steps.push(step) } }),
    init: { kBucketSize: K },
    met: 0,
    toldOf: 3
  })
  const { scoredRoutingTable } = client.services.dht as ScoredKadDHT
  const [first] = await lookups(client, 1, 1, { name: 'first' })
  const named = [...scoredRoutingTable.namedPeers()]
  expect(named.length).toBeGreaterThan(0)

  steps.length = 0
  const others = await lookups(client, 6, 1, { name: 'others' })
  const begunWith = new Set(steps.flatMap(({ init }) => init?.start.map(({ peer }) => peer) ?? []))
  const asked = new Set(steps.flatMap(({ actions }) => actions.flatMap(action => action.type === 'query' ? [action.peer] : [])))
  const used = named.filter(peer => begunWith.has(peer) && asked.has(peer))

  for (const { key, found } of [first, ...others]) {
    expect(found.toSorted()).toEqual(servers.closest(key, () => true).slice(0, K).toSorted())
  }

  expect(used.length).toBeGreaterThan(0)
  expect(used.filter(peer => !scoredRoutingTable.scores.has(peer) || scoredRoutingTable.namedPeer(peer) !== undefined)).toEqual([])
})

test('a node that restarts with nothing but its store knows who was named to it, by whom and at which addresses, and begins its lookups with them', async () => {
  const steps: LookupStep[] = []
  const location = await temporaryDirectory()
  const factory = scored({ location, warmStartDials: 0, onLookupStep: step => { steps.push(step) } })
  const { client, links } = await faultyNetwork(60, { factory, init: { kBucketSize: K }, met: 0, toldOf: 3 })
  await lookups(client, 1, 1, { name: 'first' })
  const before = client.services.dht as ScoredKadDHT
  const named = [...before.scoredRoutingTable.namedPeers()].filter(peer => !before.scoredRoutingTable.scores.has(peer)).sort()
  const known = (dht: ScoredKadDHT, peer: string): unknown => [dht.scoredRoutingTable.namedPeer(peer)?.referrer, dht.scores.get(peerIdFromString(peer)).addresses.map(({ multiaddr }) => multiaddr.toString())]
  const knownBefore = named.map(peer => known(before, peer))
  expect(named.length).toBeGreaterThan(0)
  await client.stop()

  const restarted = await createFaultClient({ factory, links, init: { kBucketSize: K } })
  onTestFinished(async () => { await restarted.stop() })
  const after = restarted.services.dht as ScoredKadDHT

  expect([...after.scoredRoutingTable.namedPeers()].sort()).toEqual(named)
  expect(named.map(peer => known(after, peer))).toEqual(knownBefore)
  expect(named.every(peer => !after.scoredRoutingTable.scores.has(peer))).toBe(true)

  steps.length = 0
  await lookups(restarted, 3, 1, { name: 'others' })
  const begunWith = new Set(steps.flatMap(({ init }) => init?.start.map(({ peer }) => peer) ?? []))
  expect(named.filter(peer => begunWith.has(peer)).length).toBeGreaterThan(0)
})
