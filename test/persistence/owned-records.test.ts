import { MemoryLevel } from 'memory-level'
import { beforeEach, describe, expect, test } from 'vitest'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { areKept, claimRecords, releaseRecords } from '../../src/persistence/owned-records.ts'
import { storeContents } from '../../src/testing/store-contents.ts'
import { storedPeer } from '../../src/testing/stored-peers.ts'
import type { Database } from '../../src/persistence/database.ts'

const BINARY = { keyEncoding: 'view', valueEncoding: 'view' }

let db: MemoryLevel

beforeEach(() => { db = new MemoryLevel() })

async function put (name: string, ...values: number[]): Promise<void> {
  await db.sublevel<Uint8Array, Uint8Array>(name, BINARY).batch(values.map(value => ({ type: 'put', key: Uint8Array.of(value), value: Uint8Array.of(value) })))
}

async function valuesOf (name: string | undefined): Promise<number[]> {
  const values = await db.sublevel<Uint8Array, Uint8Array>(name ?? '', BINARY).values().all()

  return values.map(([value]) => value)
}

describe('the records of an owner', () => {
  test('are those without an owner where it is the first one', async () => {
    await put('/dht', 1, 2)
    const claimed = await claimRecords(db, '/dht', 'a')

    expect(claimed).toBe('/dht#a')
    expect(await valuesOf(claimed)).toEqual([1, 2])
    expect(await valuesOf('/dht')).toEqual([])
  })

  test('are its own when it comes back, whatever others have', async () => {
    await put(await claimRecords(db, '/dht', 'a') ?? '', 1)
    await put(await claimRecords(db, '/dht', 'b') ?? '', 2)
    releaseRecords(db, '/dht#a')

    expect(await valuesOf(await claimRecords(db, '/dht', 'a'))).toEqual([1])
  })

  test('begin with a copy of those that were used last and are not in use', async () => {
    for (const [owner, value] of [['a', 1], ['b', 2], ['c', 3]] as const) {
      const claimed = await claimRecords(db, '/dht', owner) ?? ''
      await db.sublevel(claimed).clear()
      await put(claimed, value)
    }

    releaseRecords(db, '/dht#a')
    releaseRecords(db, '/dht#b')
    const claimed = await claimRecords(db, '/dht', 'd')

    expect(await valuesOf(claimed)).toEqual([2])
    expect(await valuesOf('/dht#b')).toEqual([2])
  })

  test('are none where all others are in use', async () => {
    await put(await claimRecords(db, '/dht', 'a') ?? '', 1)

    expect(await valuesOf(await claimRecords(db, '/dht', 'b'))).toEqual([])
  })

  test('are more than are copied at a time', async () => {
    const records = db.sublevel<Uint8Array, Uint8Array>('/dht', BINARY)
    const keys = Array.from({ length: 2_500 }, (_, n) => Uint8Array.of(n >> 8, n))
    await records.batch(keys.map(key => ({ type: 'put', key, value: key })))

    expect(await valuesOf(await claimRecords(db, '/dht', 'a'))).toHaveLength(2_500)
  })

  test('are claimed once at a time', async () => {
    expect(await claimRecords(db, '/dht', 'a')).toBe('/dht#a')
    expect(await claimRecords(db, '/dht', 'a')).toBeUndefined()

    releaseRecords(db, '/dht#a')
    expect(await claimRecords(db, '/dht', 'a')).toBe('/dht#a')
  })

  test('are taken over by one of two who come at the same time', async () => {
    await put('/dht', 1)
    const claimed = await Promise.all(['a', 'b'].map(async owner => claimRecords(db, '/dht', owner)))

    expect(await Promise.all(claimed.map(valuesOf))).toEqual([[1], []])
  })

  test('can be claimed again after a database that was closed is open', async () => {
    await db.close()
    await expect(claimRecords(db, '/dht', 'a')).rejects.toThrow()

    await db.open()
    expect(await claimRecords(db, '/dht', 'a')).toBe('/dht#a')
  })

  test('of another protocol are others', async () => {
    await put('/dht', 1)

    expect(await valuesOf(await claimRecords(db, '/other', 'a'))).toEqual([])
    expect(await valuesOf('/dht')).toEqual([1])
  })

  test('are kept for eight owners, those who came last', async () => {
    for (let n = 0; n < 12; n++) {
      await put(await claimRecords(db, '/dht', `owner${n}`) ?? '', n)
      releaseRecords(db, `/dht#owner${n}`)
    }

    const kept = (await Promise.all(Array.from({ length: 12 }, async (_, n) => valuesOf(`/dht#owner${n}`)))).map(values => values.length > 0)
    expect(kept).toEqual([...Array(4).fill(false), ...Array(8).fill(true)])
  })
})

describe('records that another tab has cleared, which can not tell that they are in use,', () => {
  // each tab has an object of its own for the database that they share
  const tab = (): Database => db.sublevel('shared')

  /** As many owners come and go as another tab keeps */
  async function comeAndGo (other: Database): Promise<void> {
    for (let n = 0; n < 8; n++) {
      releaseRecords(other, await claimRecords(other, 'peer-scores', `other-${n}`) ?? '')
    }
  }

  test('are not kept', async () => {
    const mine = tab()
    await claimRecords(mine, 'peer-scores', 'mine')
    expect(await areKept(mine, 'peer-scores', 'mine')).toBe(true)
    await comeAndGo(tab())
    expect(await areKept(mine, 'peer-scores', 'mine')).toBe(false)
  })

  test('fail the next write, so that all is written anew when the store was opened again', async () => {
    const store = new LevelScoreStore({ db: tab(), owner: 'mine' })
    const peer = storedPeer(1)
    await store.open()
    await store.write({ put: [peer], delete: [] })
    await comeAndGo(tab())

    await expect(store.write({ put: [peer], delete: [] })).rejects.toThrow("score store 'peer-scores' in the database given can't be written: another tab or process has cleared its records; ")
    await store.close()
    await store.open()
    await store.write({ put: [peer], delete: [] })
    expect((await storeContents(store)).peers).toHaveLength(1)
  })
})
