import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { loadScores } from '../../src/persistence/load-scores.ts'
import { encodeStoredPeer } from '../../src/persistence/score-record-codec.ts'
import { contents } from './score-store.conformance.ts'
import { multihash, storedPeer } from './stored-peers.ts'
import type { ScoreStore, UnreadableEntry } from '../../src/persistence/score-store.ts'

describe('loading scores', () => {
  test('gives the peers, stalest first', async () => {
    const store = await openStore()
    await store.write({ put: [3, 1, 2].map(n => storedPeer(n)), delete: [] })

    expect(await loadScores(store, { maxPeers: 3, onUnreadable: unexpected })).toEqual([1, 2, 3].map(n => storedPeer(n)))
    expect((await contents(store)).peers).toHaveLength(3)
  })

  test('deletes the stalest beyond the limit, however many they are', async () => {
    const store = await openStore()
    const peers = Array.from({ length: 1_234 }, (_, n) => storedPeer(n))
    await store.write({ put: peers, delete: [] })

    expect(await loadScores(store, { maxPeers: 100, onUnreadable: unexpected })).toEqual(peers.slice(-100))
    expect((await contents(store)).peers).toEqual(peers.slice(-100))
  })

  test('tells of a damaged entry once and deletes it', async () => {
    const store = await openStore([{ key: multihash(1), value: Uint8Array.of(1) }])
    await store.write({ put: [storedPeer(2)], delete: [] })
    const unreadable: UnreadableEntry[] = []

    expect(await loadScores(store, { maxPeers: 10, onUnreadable: entry => { unreadable.push(entry) } })).toEqual([storedPeer(2)])
    expect(unreadable).toHaveLength(1)
    expect(await contents(store)).toEqual({ peers: [storedPeer(2)], unreadable: [] })
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

  test('leaves entries of an unknown version to the release that wrote them', async () => {
    const value = encodeStoredPeer(storedPeer(1))
    value[0] = 2
    const store = await openStore([{ key: multihash(1), value }])
    const reasons: string[] = []

    expect(await loadScores(store, { maxPeers: 10, onUnreadable: ({ reason }) => { reasons.push(reason) } })).toEqual([])
    expect(reasons).toEqual(['unknown-version'])
    expect((await contents(store)).unreadable).toHaveLength(1)
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
