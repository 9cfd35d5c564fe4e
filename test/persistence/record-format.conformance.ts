import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeStoredPeer } from '../../src/persistence/score-record-codec.ts'
import { storeContents } from '../../src/testing/store-contents.ts'
import { multihash, storedPeer } from '../../src/testing/stored-peers.ts'
import { testScoreStore } from '../../src/testing/test-score-store.ts'
import type { ScoreStore } from '../../src/persistence/score-store.ts'
import type { StoreGround } from '../../src/testing/test-score-store.ts'

/**
 * Where a store under test keeps its records
 */
export interface RecordGround extends StoreGround {
  /** Write entries past the store, through the engine below it; only while no store is open */
  writeRaw: (entries: Array<{ key: Uint8Array, value: Uint8Array }>) => Promise<void>
}

/**
 * What every store that keeps our records must do: all that a score store must, and to
 * lose nothing but what is damaged.
 *
 * @param name - The store's name
 * @param prepare - Makes fresh, empty ground
 */
export function testRecordStore (name: string, prepare: () => Promise<RecordGround>): void {
  testScoreStore({ test, name, prepare })

  describe(`${name} as a store of records`, () => {
    let ground: RecordGround
    let store: ScoreStore

    beforeEach(async () => {
      ground = await prepare()
      store = ground.store()
      await store.open()
    })

    afterEach(async () => {
      await store.close()
      await ground.end?.()
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

    test('forgets the entries of a version that it does not know, too, when it is cleared', async () => {
      const future = encodeStoredPeer(storedPeer(1))
      future[0] = 200
      await tamper([{ key: multihash(1), value: future }])
      await store.clear()

      expect(await storeContents(store)).toEqual({ peers: [], unreadable: [] })
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

      const { peers, unreadable } = await storeContents(store)

      expect(peers).toEqual(sound)
      expect(unreadable.map(({ peer }) => peer).sort(byBytes)).toEqual(damaged.map(({ peer }) => peer).sort(byBytes))
      expect(unreadable.filter(({ reason }) => reason === 'unknown-version')).toHaveLength(1)
      expect(new Set(unreadable.map(({ key }) => key)).size).toBe(length)
    })

    test('loses an entry whose key has changed, and no other', async () => {
      await store.write({ put: [storedPeer(1)], delete: [] })
      await tamper([{ key: multihash(2), value: encodeStoredPeer(storedPeer(3)) }])

      expect(await storeContents(store)).toEqual({
        peers: [storedPeer(1)],
        unreadable: [{ key: expect.any(String), peer: multihash(2), reason: 'damaged' }]
      })
    })

    test('can delete a damaged entry, or overwrite it', async () => {
      await tamper([{ key: multihash(1), value: Uint8Array.of(1, 2, 3) }, { key: multihash(2), value: new Uint8Array() }])
      expect((await storeContents(store)).unreadable).toHaveLength(2)
      await store.write({ put: [], delete: [multihash(1)] })
      await store.write({ put: [storedPeer(2)], delete: [] })

      expect(await storeContents(store)).toEqual({ peers: [storedPeer(2)], unreadable: [] })
    })

    test('skips an entry of a version that it does not know, and leaves it in place', async () => {
      const future = encodeStoredPeer(storedPeer(1))
      future[0] = 200
      await tamper([{ key: multihash(1), value: future }])
      await store.write({ put: [storedPeer(2)], delete: [] })
      const skipped = { peers: [storedPeer(2)], unreadable: [{ key: expect.any(String), peer: multihash(1), reason: 'unknown-version' }] }

      expect(await storeContents(store)).toEqual(skipped)
      await reopen()
      expect(await storeContents(store)).toEqual(skipped)
    })
  })
}

function withFlippedByte (bytes: Uint8Array, offset: number): Uint8Array {
  bytes[offset] ^= 0xff

  return bytes
}

function byBytes (a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  return Buffer.compare(a ?? new Uint8Array(), b ?? new Uint8Array())
}
