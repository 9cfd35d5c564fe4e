import { beforeEach, describe, expect, test } from 'vitest'
import { startFromKnown } from '../../../src/kad-dht/overrides/start-from-known.ts'
import { ScoredRoutingTable } from '../../../src/routing-table/scored-routing-table.ts'
import { entryOf, MemoryBuckets } from '../../routing-table/memory-buckets.ts'
import { TIMED_OUT, responded } from '../../score/outcomes.ts'
import { strangerId } from '../../libp2p/test-node.ts'
import type { InternalRoutingTable } from '../../../src/kad-dht/internals.ts'
import type { PeerId } from '@libp2p/interface'

const TARGET = Uint8Array.of(0)

let ids: PeerId[]
let table: ScoredRoutingTable<number>
let closestPeers: InternalRoutingTable['closestPeers']

/** Peers are numbers and their own distance. Those from 1 to 4 are in buckets. */
beforeEach(async () => {
  ids = await Promise.all(Array.from({ length: 8 }, strangerId))
  table = new ScoredRoutingTable<number>({ buckets: new MemoryBuckets([1, 2, 3, 4]), localPeer: 255 })
  const handles = { candidates: (...args: Parameters<typeof table.candidates>) => table.candidates(...args).map(({ peer, kadId }) => ({ peer: String(peer), kadId })) }
  closestPeers = startFromKnown(() => [], {
    k: 3,
    table: handles as unknown as ScoredRoutingTable<string>,
    book: { idOf: peer => ids[Number(peer)] },
    now: () => 0
  })
})

describe('a lookup of kad-dht', () => {
  test('starts from the k closest, unless it asks for another number', () => {
    expect(closestPeers(TARGET)).toEqual([1, 2, 3].map(n => ids[n]))
    expect(closestPeers(TARGET, { count: 1 })).toEqual([ids[1]])
  })

  test('starts from remembered peers too', () => {
    table.record(entryOf(0), responded(), 0)

    expect(closestPeers(TARGET)).toEqual([0, 1, 2].map(n => ids[n]))
  })

  test('starts from others where the closest are poor', () => {
    for (let i = 0; i < 3; i++) {
      table.record(entryOf(1), TIMED_OUT, 0)
    }

    expect(closestPeers(TARGET, { count: 2 })).not.toEqual([1, 2].map(n => ids[n]))
  })

  test('starts from as many others where some are excluded', () => {
    expect(closestPeers(TARGET, { exclude: [ids[1], ids[3]] })).toEqual([ids[2], ids[4]])
    expect(closestPeers(TARGET, { count: 2, exclude: [ids[1]] })).toEqual([ids[2], ids[3]])
  })
})
