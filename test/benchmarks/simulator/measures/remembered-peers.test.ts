import { expect, test } from 'vitest'
import { KadDHTClient } from '../../../../benchmarks/simulator/clients/kad-dht/kad-dht-client.ts'
import { ScoredClient } from '../../../../benchmarks/simulator/clients/scored/scored-client.ts'
import { rememberedPeers } from '../../../../benchmarks/simulator/measures/remembered-peers.ts'
import { SmallNetwork } from '../clients/small-network.ts'

test('are those with a score and those that were only named, each once', () => {
  const { components } = new SmallNetwork()
  const client = new ScoredClient(components)
  const entryOf = (peer: number): { peer: number, kadId: Uint8Array } => ({ peer, kadId: components.world.population.kadId(peer) })

  client.table.record(entryOf(1), { type: 'timedOut', afterMs: 1000 }, 0)
  client.table.record(entryOf(2), { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }, 0)
  client.table.namedBy(entryOf(3), 2, 0)
  client.table.namedBy(entryOf(2), 3, 0)

  expect([...rememberedPeers(client)].sort()).toEqual([1, 2, 3])
})

test('are none for a client without scores', () => {
  expect([...rememberedPeers(new KadDHTClient(new SmallNetwork().components))]).toEqual([])
})
