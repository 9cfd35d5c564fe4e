import { expect, test } from 'vitest'
import { lookups } from '../../benchmarks/faults/lookups.ts'
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
