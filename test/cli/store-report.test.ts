import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, test } from 'vitest'
import { reportOnStore } from '../../src/cli/store-report.ts'
import { multihash, storedNamedPeer, storedPeer } from '../../src/testing/stored-peers.ts'
import { MapScoreStore } from '../persistence/map-score-store.ts'
import type { StoreReport } from '../../src/cli/store-report.ts'
import type { StoredPeer } from '../../src/persistence/score-store.ts'

const NOW = 1_700_000_000_000

async function reportOf (...peers: StoredPeer[]): Promise<StoreReport> {
  const store = new MapScoreStore(new Map())
  await store.open()
  await store.write({ put: peers, delete: [] })

  return reportOnStore(store, './scores', NOW)
}

function idOf (n: number): string {
  return peerIdFromMultihash(Digest.decode(multihash(n))).toString()
}

describe('the report on a store', () => {
  test('has all peers by their ids, the best first', async () => {
    const report = await reportOf(storedPeer(1, { reliability: 0.1, updatedAt: NOW }), storedPeer(2, { reliability: 0.9, updatedAt: NOW }), storedPeer(3, { reliability: 0.5, updatedAt: NOW }))

    expect(report).toMatchObject({ location: './scores', size: 3, counts: { good: 1, neutral: 1, unacceptable: 1, named: 0 }, unreadable: [] })
    expect(report.peers.map(({ peer, class: peerClass }) => [peer, peerClass])).toEqual([[idOf(2), 'good'], [idOf(3), 'neutral'], [idOf(1), 'unacceptable']])
  })

  test('has those that were only named after the others, the latest first, and who named them', async () => {
    const { size, counts, peers } = await reportOf(storedNamedPeer(1), storedNamedPeer(2), storedPeer(3, { reliability: 0.1, updatedAt: NOW }))

    expect({ size, counts }).toEqual({ size: 3, counts: { good: 0, neutral: 0, unacceptable: 1, named: 2 } })
    expect(peers.map(({ peer, class: peerClass }) => [peer, peerClass])).toEqual([[idOf(3), 'unacceptable'], [idOf(2), 'named'], [idOf(1), 'named']])
    expect(peers[2]).toEqual({
      peer: idOf(1),
      class: 'named',
      referrer: idOf(1_000_000),
      namedAt: NOW + 1,
      addresses: [{ multiaddr: '/ip4/1.2.3.4/tcp/4001', reliability: 0.5 }],
      reasons: [`named by ${idOf(1_000_000)}, and not asked yet`]
    })
  })

  test('judges as a node would that starts now: a poor peer has recovered in part', async () => {
    const [peer] = (await reportOf(storedPeer(1, { reliability: 0.1, updatedAt: NOW - 30 * 60_000 }))).peers

    expect(peer).toMatchObject({ reliability: expect.closeTo(0.1), score: expect.closeTo(0.3) })
    expect(peer.reasons).toContainEqual(expect.stringContaining('drifted'))
  })

  test('says null of what is not known', async () => {
    const [peer] = (await reportOf(storedPeer(1, { latencyMs: undefined, latencyDeviationMs: undefined, lastOutcome: undefined }))).peers

    expect(peer).toMatchObject({ latencyMs: null, latencyDeviationMs: null, lastOutcome: null })
  })

  test('shows an address of a protocol that is not known in base 16', async () => {
    const [peer] = (await reportOf({ ...storedPeer(1), addresses: [{ multiaddr: Uint8Array.of(0xff, 0xff, 0x01), reliability: 1 }, ...storedPeer(1).addresses] })).peers

    expect(peer.addresses).toEqual([{ multiaddr: '0xffff01', reliability: 1 }, { multiaddr: '/ip4/1.2.3.4/tcp/4001', reliability: 0.5 }])
  })

  test('tells of what could not be read', async () => {
    const store = new MapScoreStore(new Map([['00', 'nonsense']]))
    await store.open()

    expect(await reportOnStore(store, './scores', NOW)).toMatchObject({ size: 0, unreadable: [{ key: '00', reason: 'damaged' }] })
  })
})
