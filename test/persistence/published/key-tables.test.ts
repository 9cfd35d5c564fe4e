import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { decodeLength, KeyTables } from '../../../src/persistence/published/key-tables.ts'
import type { KeyState } from '../../../src/persistence/published/key-tables.ts'
import type { Database } from '../../../src/persistence/database.ts'

interface Item { place: number, record?: number[], isQueued?: boolean }

describe('the tables of keys', () => {
  test('have each change with its counts', async () => {
    const tables = await openTables()
    await put(tables, { place: 1, record: [1], isQueued: true }, { place: 2, record: [1, 2], isQueued: true }, { place: 3, record: [] })
    expect(await contentsOf(tables)).toEqual({ keys: { 1: [1], 2: [1, 2], 3: [] }, queue: { 1: 1, 2: 2 }, counts: { keys: 3, queued: 2 } })

    await put(tables, { place: 1, record: [1] }, { place: 2 }, { place: 3, record: [1, 2, 3], isQueued: true }, { place: 4 })
    expect(await contentsOf(tables)).toEqual({ keys: { 1: [1], 3: [1, 2, 3] }, queue: { 3: 3 }, counts: { keys: 2, queued: 1 } })
  })

  test('tell how long a record is that has changed while it waits', async () => {
    const tables = await openTables()
    await put(tables, { place: 1, record: [1], isQueued: true })
    await put(tables, { place: 1, record: [1, 2, 3], isQueued: true })

    expect(await contentsOf(tables)).toMatchObject({ queue: { 1: 3 }, counts: { keys: 1, queued: 1 } })
  })

  test('show a change what another in the same batch has made of the place', async () => {
    const tables = await openTables()
    const seen: Array<number | undefined> = []

    await tables.change([10, 20, undefined, 30], () => Uint8Array.of(1), (item, { record }) => {
      seen.push(record?.[0])

      return { record: item === undefined ? undefined : Uint8Array.of(item), isQueued: true }
    })

    expect(seen).toEqual([undefined, 10, 20, undefined])
    expect(await contentsOf(tables)).toEqual({ keys: { 1: [30] }, queue: { 1: 1 }, counts: { keys: 1, queued: 1 } })
  })

  test('write nothing where nothing changes', async () => {
    const db = new MemoryLevel()
    const tables = await openTables(db)
    await put(tables, { place: 1, record: [1], isQueued: true })
    let writes = 0
    db.on('write', () => { writes++ })
    await tables.change([1, 2], place => Uint8Array.of(place), (_, state) => state)

    expect(writes).toBe(0)
  })

  test('end a write when it has reached the disk', async () => {
    const db = new MemoryLevel()
    const tables = await openTables(db)
    const durable: unknown[] = []

    for (const method of ['put', 'batch']) {
      const original: (...args: unknown[]) => Promise<void> = Reflect.get(db, method)
      Reflect.set(db, method, async (...args: unknown[]) => {
        durable.push(Reflect.get(args.at(-1) as object, 'sync'))
        await original.apply(db, args)
      })
    }

    await put(tables, { place: 1, record: [1] })
    await tables.regions.sent({ bits: new Uint8Array(1), length: 3 }, 10)

    expect(durable).toEqual([true, true])
  })

  test('have the same counts when they are opened again, and count again where these are lost', async () => {
    const db = new MemoryLevel()
    const tables = await openTables(db)
    await put(tables, { place: 1, record: [1], isQueued: true }, { place: 2, record: [1] })
    await tables.close()
    // nobody counts it
    await db.sublevel('published').sublevel('keys').put('beside', '')
    expect((await openTables(db)).counts).toEqual({ keys: 2, queued: 1 })
    await db.sublevel('published').sublevel('keys').del('beside')

    await db.sublevel('published').sublevel('counts').clear()
    expect((await openTables(db)).counts).toEqual({ keys: 2, queued: 1 })
  })

  test('count nothing that was not written', async () => {
    const db = new MemoryLevel()
    const tables = await openTables(db)
    await put(tables, { place: 1, record: [1] })
    await db.close()

    await expect(put(tables, { place: 2, record: [1] })).rejects.toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN' })
    expect(tables.counts).toEqual({ keys: 1, queued: 0 })
  })
})

test.each([[[0, 1, 0, 2], 65_538], [[1, 2], 0], [[], 0]])('an entry %j of the queue tells of a record of %d bytes', (entry, length) => {
  expect(decodeLength(Uint8Array.from(entry))).toBe(length)
})

async function openTables (db: Database = new MemoryLevel()): Promise<KeyTables> {
  await db.open()
  const tables = new KeyTables(db, 'published')
  await tables.open()

  return tables
}

async function put (tables: KeyTables, ...items: Item[]): Promise<void> {
  await tables.change(items, ({ place }) => Uint8Array.of(place), ({ record, isQueued = false }): KeyState => ({ record: record === undefined ? undefined : Uint8Array.from(record), isQueued }))
}

async function contentsOf (tables: KeyTables): Promise<object> {
  return {
    keys: Object.fromEntries((await tables.keys.iterator().all()).map(([place, record]) => [place[0], [...record]])),
    queue: Object.fromEntries((await tables.queue.iterator().all()).map(([place, entry]) => [place[0], decodeLength(entry)])),
    counts: tables.counts
  }
}
