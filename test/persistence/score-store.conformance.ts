import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeStoredPeer } from '../../src/persistence/score-record-codec.ts'
import { multihash, storedPeer } from './stored-peers.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from '../../src/persistence/score-store.ts'

/**
 * Where a store under test keeps its entries
 */
export interface StoreGround {
  /** A store on this ground, not yet open; each one finds what the ones before it wrote */
  store: () => ScoreStore
  /** Write entries past the store, through the engine below it; only while no store is open */
  writeRaw: (entries: Array<{ key: Uint8Array, value: Uint8Array }>) => Promise<void>
  /** Let go of everything, after the stores were closed */
  end: () => Promise<void>
}

/**
 * What every score store must do.
 *
 * @param name - The store's name
 * @param prepare - Makes fresh, empty ground
 */
export function testScoreStore (name: string, prepare: () => Promise<StoreGround>): void {
  describe(`${name} as a score store`, () => {
    let ground: StoreGround
    let store: ScoreStore

    beforeEach(async () => {
      ground = await prepare()
      store = ground.store()
      await store.open()
    })

    afterEach(async () => {
      await store.close()
      await ground.end()
    })

    const reopen = async (): Promise<void> => {
      await store.close()
      store = ground.store()
      await store.open()
    }

    /** Close, change entries below the store, open */
    const tamper = async (entries: Array<{ key: Uint8Array, value: Uint8Array }>): Promise<void> => {
      await store.close()
      await ground.writeRaw(entries)
      await store.open()
    }

    test('is empty at first', async () => {
      expect(await contents(store)).toEqual({ peers: [], unreadable: [] })
    })

    test('gives back what was written', async () => {
      const peers = [
        storedPeer(1),
        { ...storedPeer(2, { latencyMs: undefined, latencyDeviationMs: undefined, lastOutcome: undefined }), addresses: [] },
        { ...storedPeer(3), place: { type: 'bucket' as const, shadowedBy: multihash(4) } },
        { ...storedPeer(4), place: { type: 'replacement' as const, standsInFor: multihash(3) } },
        withoutPlace(storedPeer(5))
      ]
      await store.write({ put: peers, delete: [] })

      expect(await contents(store)).toEqual({ peers, unreadable: [] })
    })

    test('keeps the last of several writes of a peer', async () => {
      await store.write({ put: [storedPeer(1), storedPeer(2)], delete: [] })
      await store.write({ put: [storedPeer(1, { reliability: 0.25 })], delete: [] })

      expect((await contents(store)).peers).toEqual([storedPeer(1, { reliability: 0.25 }), storedPeer(2)])
    })

    test('deletes peers, and does not mind those that it does not have', async () => {
      await store.write({ put: [storedPeer(1), storedPeer(2), storedPeer(3)], delete: [] })
      await store.write({ put: [storedPeer(4)], delete: [multihash(1), multihash(3), multihash(99)] })

      expect((await contents(store)).peers).toEqual([storedPeer(2), storedPeer(4)])
    })

    test('takes an empty batch', async () => {
      await store.write({ put: [], delete: [] })

      expect((await contents(store)).peers).toEqual([])
    })

    test('keeps its peers when it is opened again', async () => {
      const peers = Array.from({ length: 2_500 }, (_, i) => storedPeer(i))
      await store.write({ put: peers, delete: [] })
      await reopen()

      expect((await contents(store)).peers).toEqual(peers)
    })

    test('is opened and closed several times without harm', async () => {
      await store.open()
      await store.write({ put: [storedPeer(1)], delete: [] })
      await store.close()
      await store.close()
      await store.open()

      expect((await contents(store)).peers).toEqual([storedPeer(1)])
    })

    test('forgets everything when it is cleared', async () => {
      await store.write({ put: [storedPeer(1), storedPeer(2)], delete: [] })
      await store.clear()
      await store.write({ put: [storedPeer(3)], delete: [] })
      await reopen()

      expect((await contents(store)).peers).toEqual([storedPeer(3)])
    })

    test('forgets the entries of a version that it does not know, too, when it is cleared', async () => {
      const future = encodeStoredPeer(storedPeer(1))
      future[0] = 200
      await tamper([{ key: multihash(1), value: future }])
      await store.clear()

      expect(await contents(store)).toEqual({ peers: [], unreadable: [] })
    })

    test('has a name for messages, by which its errors begin', async () => {
      expect(store.name).toMatch(/^score store/)
    })

    test('loses an entry with a flipped byte, wherever it is, and no other', async () => {
      const length = encodeStoredPeer(storedPeer(0)).byteLength
      const damaged = Array.from({ length }, (_, offset) => storedPeer(2 * offset))
      const sound = Array.from({ length }, (_, offset) => storedPeer(2 * offset + 1))
      await store.write({ put: [...damaged, ...sound], delete: [] })
      await tamper(damaged.map((peer, offset) => ({ key: peer.peer, value: withFlippedByte(encodeStoredPeer(peer), offset) })))

      const { peers, unreadable } = await contents(store)

      expect(peers).toEqual(sound)
      expect(unreadable.map(({ peer }) => peer).sort(byBytes)).toEqual(damaged.map(({ peer }) => peer).sort(byBytes))
      expect(unreadable.filter(({ reason }) => reason === 'unknown-version')).toHaveLength(1)
      expect(new Set(unreadable.map(({ key }) => key)).size).toBe(length)
    })

    test('loses an entry whose key has changed, and no other', async () => {
      await store.write({ put: [storedPeer(1)], delete: [] })
      await tamper([{ key: multihash(2), value: encodeStoredPeer(storedPeer(3)) }])

      expect(await contents(store)).toEqual({
        peers: [storedPeer(1)],
        unreadable: [{ key: expect.any(String), peer: multihash(2), reason: 'damaged' }]
      })
    })

    test('can delete a damaged entry, or overwrite it', async () => {
      await tamper([{ key: multihash(1), value: Uint8Array.of(1, 2, 3) }, { key: multihash(2), value: new Uint8Array() }])
      expect((await contents(store)).unreadable).toHaveLength(2)
      await store.write({ put: [], delete: [multihash(1)] })
      await store.write({ put: [storedPeer(2)], delete: [] })

      expect(await contents(store)).toEqual({ peers: [storedPeer(2)], unreadable: [] })
    })

    test('skips an entry of a version that it does not know, and leaves it in place', async () => {
      const future = encodeStoredPeer(storedPeer(1))
      future[0] = 200
      await tamper([{ key: multihash(1), value: future }])
      await store.write({ put: [storedPeer(2)], delete: [] })
      const skipped = { peers: [storedPeer(2)], unreadable: [{ key: expect.any(String), peer: multihash(1), reason: 'unknown-version' }] }

      expect(await contents(store)).toEqual(skipped)
      await reopen()
      expect(await contents(store)).toEqual(skipped)
    })

    test('lets a reader leave early', async () => {
      await store.write({ put: [storedPeer(1), storedPeer(2)], delete: [] })

      const reader = store.load(() => {})[Symbol.asyncIterator]()
      expect(await reader.next()).toHaveProperty('done', false)
      await reader.return?.()

      await reopen()
      expect((await contents(store)).peers).toHaveLength(2)
    })

    test('does nothing once its signal was aborted', async () => {
      await store.write({ put: [storedPeer(1)], delete: [] })
      const signal = AbortSignal.abort(new Error('enough'))

      await expect(store.write({ put: [storedPeer(2)], delete: [multihash(1)] }, { signal })).rejects.toThrow('enough')
      await expect(store.clear({ signal })).rejects.toThrow('enough')
      await expect(contents(store, signal)).rejects.toThrow('enough')
      await expect(ground.store().open({ signal })).rejects.toThrow('enough')
      expect((await contents(store)).peers).toEqual([storedPeer(1)])
    })
  })
}

/**
 * Everything in an open store, by time of the last change
 */
export async function contents (store: ScoreStore, signal?: AbortSignal): Promise<{ peers: StoredPeer[], unreadable: UnreadableEntry[] }> {
  const peers: StoredPeer[] = []
  const unreadable: UnreadableEntry[] = []

  for await (const peer of store.load(({ peer, ...entry }) => {
    // engines hand out Buffers
    unreadable.push({ ...entry, peer: peer == null ? undefined : new Uint8Array(peer) })
  }, { ...(signal != null && { signal }) })) {
    peers.push(peer)
  }

  return { peers: peers.sort((a, b) => a.score.updatedAt - b.score.updatedAt), unreadable }
}

function withoutPlace ({ place, ...peer }: StoredPeer): StoredPeer {
  return peer
}

function withFlippedByte (bytes: Uint8Array, offset: number): Uint8Array {
  bytes[offset] ^= 0xff

  return bytes
}

function byBytes (a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  return Buffer.compare(a ?? new Uint8Array(), b ?? new Uint8Array())
}
