import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, test } from 'vitest'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import { ScoreBook } from '../../../src/libp2p/peers/score-book.ts'
import { ScoredRoutingTable } from '../../../src/routing-table/scored-routing-table.ts'
import { TIMED_OUT, responded } from '../../score/outcomes.ts'
import { noBuckets } from '../no-buckets.ts'
import { strangerId } from '../test-node.ts'
import type { Outcome } from '../../../src/score/outcome.ts'
import type { PeerId } from '@libp2p/interface'

const ADDRESS = multiaddr('/ip4/1.2.3.4/tcp/4001')

let good: PeerId
let poor: PeerId
let stranger: PeerId
let table: ScoredRoutingTable<string>
let book: PeerBook
let scores: ScoreBook
/** What the disk was told to forget */
let forgotten: string[]

async function record (id: PeerId, outcome: Outcome, times: number): Promise<void> {
  const { kadId } = await book.add(id)

  for (let i = 0; i < times; i++) {
    table.record({ peer: id.toString(), kadId }, outcome, i)
  }
}

beforeEach(async () => {
  [good, poor, stranger] = [await strangerId(), await strangerId(), await strangerId()]
  forgotten = []
  table = new ScoredRoutingTable<string>({ buckets: noBuckets(), localPeer: 'ourselves' })
  book = new PeerBook({ connectionManager: { isDialable: async () => true } }, { maxPeers: 100, keeps: () => true, peerInfoMapper: info => info, now: () => 0 })
  scores = new ScoreBook({
    table,
    book,
    keeper: { forget: async peer => { forgotten.push(peer) }, forgetAll: async () => { forgotten.push('all') } },
    now: () => 10
  })
  await book.learn({ id: good, multiaddrs: [ADDRESS] })
  await record(good, responded(50), 3)
  await record(poor, TIMED_OUT, 5)
})

describe('the scores of a node', () => {
  test('tell of a peer its score, its class, its record and its addresses', () => {
    const { id, score, class: peerClass, record, addresses } = scores.get(good)

    expect({ id, peerClass, record }).toEqual({ id: good, peerClass: 'good', record: table.scores.get(good.toString()) })
    expect(score).toBeGreaterThan(0.8)
    expect(addresses.map(({ multiaddr }) => multiaddr.toString())).toEqual([ADDRESS.toString()])
  })

  test('take a stranger for neutral', () => {
    expect(scores.get(stranger)).toEqual({ id: stranger, score: 0.5, class: 'neutral', record: undefined, addresses: [] })
  })

  test('are counted, and have a top', () => {
    expect(scores.size).toBe(2)
    expect(scores.counts()).toEqual({ good: 1, neutral: 0, unacceptable: 1 })
    expect(scores.top().map(({ id }) => id.toString())).toEqual([good, poor].map(String))
    expect(scores.top(1)).toEqual([scores.get(good)])
  })

  test('say in words why a peer has its score and where it is', async () => {
    expect(scores.why(stranger).reasons).toEqual([...table.why(stranger.toString(), 10).reasons, 'not in the routing table'])
    expect(scores.why(good).reasons.at(-2)).toMatch(/^answers now with a chance of \d+%$/)
    expect(scores.why(good).reasons.at(-1)).toMatch(/^(remembered, but not in the routing table|in the replacement cache)/)
    expect(scores.why(good)).toMatchObject(scores.get(good))
  })

  test('say of a peer that was only named who named it, and forget it with all others', async () => {
    const { entry } = await book.learn({ id: stranger, multiaddrs: [ADDRESS] })
    table.namedBy({ peer: stranger.toString(), kadId: entry.kadId }, good.toString(), 10)
    expect(scores.why(stranger).reasons.at(-1)).toBe(`named by ${good.toString()}, and not asked yet`)

    await scores.clear()
    expect([...table.namedPeers()]).toEqual([])
    expect(book.get(stranger.toString())).toBeUndefined()
  })

  test('show who is passed over, and who is there instead', async () => {
    expect(scores.replacements()).toEqual([{ poor: expect.objectContaining({ publicKey: poor.publicKey }), replacement: expect.objectContaining({ publicKey: good.publicKey }) }])

    await scores.delete(good)
    expect(scores.replacements()).toEqual([{ poor: expect.objectContaining({ publicKey: poor.publicKey }), replacement: undefined }])
  })

  test('forget one peer in memory at once, and on disk', async () => {
    const deleting = scores.delete(good)
    expect([scores.size, book.get(good.toString())]).toEqual([1, undefined])

    await deleting
    expect(forgotten).toEqual([good.toString()])
  })

  test('forget all peers', async () => {
    await scores.clear()

    expect(scores.counts()).toEqual({ good: 0, neutral: 0, unacceptable: 0 })
    expect([book.get(good.toString()), book.get(poor.toString())]).toEqual([undefined, undefined])
    expect(forgotten).toEqual(['all'])
  })
})
