import { beforeEach, describe, expect, test } from 'vitest'
import { SingleRequests } from '../../../src/libp2p/lookup/single-requests.ts'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import { ScoredRoutingTable } from '../../../src/routing-table/scored-routing-table.ts'
import { TIMED_OUT, responded } from '../../score/outcomes.ts'
import { noBuckets } from '../no-buckets.ts'
import { strangerId } from '../test-node.ts'

let table: ScoredRoutingTable<string>
let book: PeerBook
let requests: SingleRequests

beforeEach(() => {
  table = new ScoredRoutingTable<string>({ buckets: noBuckets(), localPeer: 'ourselves' })
  book = new PeerBook({ connectionManager: { isDialable: async () => true } }, { maxPeers: 10, keeps: () => false, peerInfoMapper: info => info, now: () => 0 })
  requests = new SingleRequests({ table, book })
})

describe('a request that belongs to no lookup', () => {
  test('counts its outcome for the peer, which is in the book then', async () => {
    const id = await strangerId()
    const request = await requests.begin(id, 1_000)
    request.advance({ type: 'settled', now: 1_100, outcome: responded(100) })

    expect(table.scores.get(id.toString())).toMatchObject({ lastOutcome: 'responded', latencyMs: 100 })
    expect(book.get(id.toString())?.id).toBe(id)
  })

  test('that began before the last failure was noticed is part of that failure', async () => {
    const id = await strangerId()
    const [first, second] = [await requests.begin(id, 1_000), await requests.begin(id, 1_500)]
    first.advance({ type: 'settled', now: 2_000, outcome: TIMED_OUT })
    second.advance({ type: 'settled', now: 2_500, outcome: TIMED_OUT })

    expect(table.scores.get(id.toString())?.weight).toBe(2)
  })
})
