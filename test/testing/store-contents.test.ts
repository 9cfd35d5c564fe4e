import { describe, expect, test } from 'vitest'
import { storeContents } from '../../src/testing/store-contents.ts'
import { multihash, storedNamedPeer, storedPeer } from '../../src/testing/stored-peers.ts'
import { MapScoreStore } from '../persistence/map-score-store.ts'
import type { ScoreStore, StoredPeer, StoredScoredPeer } from '../../src/persistence/score-store.ts'

/** A store that holds these, as an engine hands them out */
function holding (...peers: StoredPeer[]): ScoreStore {
  return Object.assign(new MapScoreStore(new Map()), {
    load: async function * (onUnreadable: Parameters<ScoreStore['load']>[0]) {
      yield * peers
      onUnreadable({ key: 'broken', peer: Buffer.from(multihash(9)), reason: 'damaged' })
    }
  })
}

describe('the contents of a store', () => {
  test('are in one order, whatever the store\'s', async () => {
    expect((await storeContents(holding(storedPeer(2), storedPeer(1)))).peers).toEqual([storedPeer(1), storedPeer(2)])
  })

  test('are in one form: no Buffers, nothing that is left out', async () => {
    const { peer, score: { latencyMs, latencyDeviationMs, ...score }, addresses } = storedPeer(1)
    const found = await storeContents(holding({ peer: Buffer.from(peer), score: score as StoredScoredPeer['score'], addresses: addresses.map(address => ({ ...address, multiaddr: Buffer.from(address.multiaddr) })) }))

    expect(latencyMs).toBeDefined()
    expect(latencyDeviationMs).toBeDefined()
    expect(found.peers).toStrictEqual([{ peer, score: { ...score, latencyMs: undefined, latencyDeviationMs: undefined }, addresses }])
  })

  test('have peers that were only named, by the time of it and in one form', async () => {
    const { peer, naming, addresses } = storedNamedPeer(2)
    const found = await storeContents(holding(storedPeer(3), { peer: Buffer.from(peer), naming: { ...naming, referrer: Buffer.from(naming.referrer) }, score: undefined, addresses }, storedPeer(1)))

    expect(found.peers).toStrictEqual([storedPeer(1), storedNamedPeer(2), storedPeer(3)])
  })

  test('have what could not be read', async () => {
    expect((await storeContents(holding())).unreadable).toStrictEqual([{ key: 'broken', peer: multihash(9), reason: 'damaged' }])
  })
})
