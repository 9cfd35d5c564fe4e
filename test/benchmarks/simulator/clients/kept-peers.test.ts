import { expect, test } from 'vitest'
import { KeptPeers } from '../../../../benchmarks/simulator/clients/kept-peers.ts'
import { ScoredRoutingTable } from '../../../../src/routing-table/scored-routing-table.ts'

function emptyTable (): ScoredRoutingTable<number> {
  return new ScoredRoutingTable({ buckets: { entries: () => [], subscribe: () => {} }, localPeer: -1 })
}

function kadId (peer: number): Uint8Array {
  return Uint8Array.of(peer, 0, 0, 0)
}

function restarted (table: ScoredRoutingTable<number>): ScoredRoutingTable<number> {
  const next = emptyTable()
  new KeptPeers(table, kadId).restore(next)

  return next
}

test('a restart keeps scores, and those that were named, with who did and when', () => {
  const table = emptyTable()
  table.record({ peer: 1, kadId: kadId(1) }, { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }, 5)
  table.namedBy({ peer: 2, kadId: kadId(2) }, 1, 10)
  table.namedBy({ peer: 3, kadId: kadId(3) }, 1, 20)
  const next = restarted(table)

  expect(next.scores.get(1)).toMatchObject({ latencyMs: 50, updatedAt: 5 })
  expect([...next.namedPeers()]).toEqual([2, 3])
  expect(next.namedPeer(2)).toEqual({ peer: 2, kadId: kadId(2), referrer: 1, namedAt: 10 })
  expect(next.namedCandidates(kadId(3), 1, 30).map(({ peer }) => peer)).toEqual([3])
})

test('of a peer that was asked the score is kept, not who named it', () => {
  const table = emptyTable()
  table.namedBy({ peer: 2, kadId: kadId(2) }, 1, 10)
  table.record({ peer: 2, kadId: kadId(2) }, { type: 'timedOut', afterMs: 600 }, 20)
  table.namedBy({ peer: 2, kadId: kadId(2) }, 1, 30)

  expect(restarted(table).scores.has(2)).toBe(true)
  expect([...restarted(table).namedPeers()]).toEqual([])
})
