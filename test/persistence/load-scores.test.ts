import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { loadScores } from '../../src/persistence/load-scores.ts'
import { encodeStoredPeer } from '../../src/persistence/score-record-codec.ts'
import { storeContents } from '../../src/testing/store-contents.ts'
import { MULTIADDR, multihash, storedNamedPeer, storedPeer } from '../../src/testing/stored-peers.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from '../../src/persistence/score-store.ts'

describe('loading scores', () => {
  test('gives the peers, stalest first', async () => {
    const store = await openStore()
    await store.write({ put: [3, 1, 2].map(n => storedPeer(n)), delete: [] })

    expect(await loadScores(store, { maxPeers: 3, onUnreadable: unexpected })).toEqual([1, 2, 3].map(n => storedPeer(n)))
    expect((await storeContents(store)).peers).toHaveLength(3)
  })

  test('deletes the stalest beyond the limit, however many they are', async () => {
    const store = await openStore()
    const peers = Array.from({ length: 1_234 }, (_, n) => storedPeer(n))
    await store.write({ put: peers, delete: [] })

    expect(await loadScores(store, { maxPeers: 100, onUnreadable: unexpected })).toEqual(peers.slice(-100))
    expect((await storeContents(store)).peers).toEqual(peers.slice(-100))
  })

  test('gives those that were only named one by one, and counts and deletes none of them', async () => {
    const store = await openStore()
    const named = [1, 2, 3].map(n => storedNamedPeer(n))
    await store.write({ put: [...named, storedPeer(4), storedPeer(5)], delete: [] })
    const given: StoredPeer[] = []

    expect(await loadScores(store, { maxPeers: 1, onNamed: async peer => { given.push(peer) }, onUnreadable: unexpected })).toEqual([storedPeer(5)])
    expect(given.toSorted((a, b) => (a.naming?.namedAt ?? 0) - (b.naming?.namedAt ?? 0))).toEqual(named)
    expect((await storeContents(store)).peers).toEqual([...named, storedPeer(5)])
  })

  test('lets others run after each peer, and while it sorts and deletes many, and sorts as a sort of all does', async () => {
    const peers = Array.from({ length: 5_000 }, (_, n) => storedPeer(n, { updatedAt: Math.imul(n, 0x9e3779b1) & 0xff }))
    const deletions: number[] = []
    let turns = 0
    const store: ScoreStore = {
      open: async () => {},
      async * load () { yield * peers },
      write: async batch => { deletions.push(batch.delete.length) },
      clear: async () => {},
      close: async () => {}
    }
    const loaded = await loadScores(store, { maxPeers: 2_600, onUnreadable: unexpected, letOthersRun: async () => { turns++ } })

    // peers of the same age keep the order of the store
    expect(loaded).toEqual(peers.toSorted((a, b) => a.score.updatedAt - b.score.updatedAt).slice(-2_600))
    expect(deletions).toEqual([1_000, 1_000, 400])
    expect(turns).toBeGreaterThan(5_000 + deletions.length + 4)
  })

  test('tells of a damaged entry once and deletes it', async () => {
    const store = await openStore([{ key: multihash(1), value: Uint8Array.of(1) }])
    await store.write({ put: [storedPeer(2)], delete: [] })
    const unreadable: UnreadableEntry[] = []

    expect(await loadScores(store, { maxPeers: 10, onUnreadable: entry => { unreadable.push(entry) } })).toEqual([storedPeer(2)])
    expect(unreadable).toHaveLength(1)
    expect(await storeContents(store)).toEqual({ peers: [storedPeer(2)], unreadable: [] })
  })

  test('gives what was read before the store failed, to who wants to know of that', async () => {
    const store: ScoreStore = {
      open: async () => {},
      async * load () {
        yield storedPeer(3)
        yield storedPeer(1)
        throw new Error('out of order')
      },
      write: async () => {},
      clear: async () => {},
      close: async () => {}
    }
    const failures: unknown[] = []

    expect(await loadScores(store, { maxPeers: 10, onUnreadable: unexpected, onFailure: err => { failures.push(err) } })).toEqual([storedPeer(1), storedPeer(3)])
    expect(failures).toEqual([new Error('out of order')])
    await expect(loadScores(store, { maxPeers: 10, onUnreadable: unexpected })).rejects.toThrow('out of order')
  })

  test.each<[string, (peer: StoredPeer) => unknown]>([
    ['nothing', () => undefined],
    ['no score', ({ score, ...peer }) => peer],
    ['a score that is no number', peer => ({ ...peer, score: { ...peer.score, reliability: NaN } })],
    ['a time that is no number', peer => ({ ...peer, score: { ...peer.score, updatedAt: 'now' } })],
    ['no addresses', ({ addresses, ...peer }) => peer],
    ['an address as a string', peer => ({ ...peer, addresses: [{ multiaddr: '/ip4/1.2.3.4/tcp/4001', reliability: 1 }] })],
    ['an address without its reliability', peer => ({ ...peer, addresses: [{ multiaddr: MULTIADDR }] })],
    ['a peer id as a string', peer => ({ ...peer, peer: 'QmPeer' })]
  ])('takes %s for one damaged entry', async (_, spoil) => {
    const deleted: Uint8Array[] = []
    const spoilt = spoil(storedPeer(1)) as StoredPeer
    const store: ScoreStore = {
      open: async () => {},
      async * load () {
        yield storedPeer(2)
        yield spoilt
        yield storedPeer(3)
      },
      write: async batch => { deleted.push(...batch.delete) },
      clear: async () => {},
      close: async () => {}
    }
    const unreadable: UnreadableEntry[] = []

    expect(await loadScores(store, { maxPeers: 10, onUnreadable: entry => { unreadable.push(entry) } })).toEqual([storedPeer(2), storedPeer(3)])
    expect(unreadable).toEqual([{ key: expect.any(String), peer: deleted[0], reason: 'damaged' }])
    expect(deleted).toEqual(spoilt?.peer instanceof Uint8Array ? [multihash(1)] : [])
  })

  test('takes a reading that does not even begin for one that fails', async () => {
    const store: ScoreStore = {
      open: async () => {},
      load: () => { throw new Error('out of order') },
      write: async () => {},
      clear: async () => {},
      close: async () => {}
    }
    const failures: unknown[] = []

    expect(await loadScores(store, { maxPeers: 10, onUnreadable: unexpected, onFailure: err => { failures.push(err) } })).toEqual([])
    expect(failures).toEqual([new Error('out of order')])
  })

  test('leaves entries of an unknown version to the release that wrote them', async () => {
    const value = encodeStoredPeer(storedPeer(1))
    value[0] = 99
    const store = await openStore([{ key: multihash(1), value }])
    const reasons: string[] = []

    expect(await loadScores(store, { maxPeers: 10, onUnreadable: ({ reason }) => { reasons.push(reason) } })).toEqual([])
    expect(reasons).toEqual(['unknown-version'])
    expect((await storeContents(store)).unreadable).toHaveLength(1)
  })
})

function unexpected (entry: UnreadableEntry): void {
  throw new Error(`${entry.key} is unreadable`)
}

async function openStore (raw: Array<{ key: Uint8Array, value: Uint8Array }> = []): Promise<LevelScoreStore> {
  const db = new MemoryLevel()
  await db.sublevel('peer-scores').batch(raw.map(entry => ({ type: 'put' as const, ...entry })), { keyEncoding: 'view', valueEncoding: 'view' })
  const store = new LevelScoreStore({ db })
  await store.open()

  return store
}
