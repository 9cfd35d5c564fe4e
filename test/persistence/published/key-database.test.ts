import { Level } from 'level'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { KeyDatabase } from '../../../src/persistence/published/key-database.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import type { KeyTables } from '../../../src/persistence/published/key-tables.ts'

describe('the database of published keys', () => {
  test('at a location has what was written, when it is opened again', async () => {
    const location = await temporaryDirectory()
    const database = new KeyDatabase({ location })
    expect(database.name).toBe(`database of published keys at ${location}`)
    await write(await database.open(), 1)
    await database.close()

    expect(await placesOf(await database.open())).toEqual([1])
    await database.close()
  })

  test('at a location is open once', async () => {
    const location = await temporaryDirectory()
    const [first, second] = [new KeyDatabase({ location }), new KeyDatabase({ location })]
    await first.open()
    await expect(second.open()).rejects.toMatchObject({ code: 'LEVEL_LOCKED' })
    await second.close()
    await expect(second.open()).rejects.toMatchObject({ code: 'LEVEL_LOCKED' })
    await second.close()
    await first.close()
    await second.open()
    await second.close()
  })

  test('in a database that was given leaves it open, and what else is in it alone', async () => {
    const db = new Level<string, object>(await temporaryDirectory(), { valueEncoding: 'json' })
    await db.put('settings', { of: 'the user' })
    const [mine, other] = [new KeyDatabase({ db }), new KeyDatabase({ db, prefix: 'a!b' })]
    expect([mine.name, other.name]).toEqual(["database of published keys 'published-keys' in the database given", "database of published keys 'a!b' in the database given"])
    await write(await mine.open(), 1)
    await write(await other.open(), 2)
    await mine.close()
    await other.close()

    expect(db.status).toBe('open')
    expect(await db.get('settings')).toEqual({ of: 'the user' })
    expect(await placesOf(await mine.open())).toEqual([1])
    expect(await placesOf(await other.open())).toEqual([2])
    await db.close()
  })

  test('in a database that was given is open once for each prefix', async () => {
    const db = new MemoryLevel()
    const [first, second] = [new KeyDatabase({ db }), new KeyDatabase({ db })]
    await first.open()
    await expect(second.open()).rejects.toMatchObject({ code: 'LEVEL_LOCKED' })
    // whoever was refused lets go of nothing that is another's
    await second.close()
    await expect(second.open()).rejects.toMatchObject({ code: 'LEVEL_LOCKED' })
    await first.close()
    await second.open()
  })

  test('can be closed after it could not be opened, and opened when that is possible', async () => {
    const db = new MemoryLevel()
    await db.close()
    const database = new KeyDatabase({ db })
    await expect(database.open()).rejects.toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN' })
    await database.close()
    expect(db.status).toBe('closed')
    await db.open()

    expect(await placesOf(await database.open())).toEqual([])
  })
})

async function write (tables: KeyTables, place: number): Promise<void> {
  await tables.change([place], n => Uint8Array.of(n), () => ({ record: new Uint8Array(1), isQueued: false }))
}

async function placesOf (tables: KeyTables): Promise<number[]> {
  return (await tables.keys.keys().all()).map(([place]) => place)
}
