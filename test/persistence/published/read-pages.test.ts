import all from 'it-all'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { OwnDatabase } from '../../../src/persistence/own-database.ts'
import { KeyTables } from '../../../src/persistence/published/key-tables.ts'
import { parsePrefix, WHOLE_KEYSPACE } from '../../../src/persistence/published/keyspace-prefix.ts'
import { readPages } from '../../../src/persistence/published/read-pages.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import type { Database } from '../../../src/persistence/database.ts'
import type { KeyspacePrefix } from '../../../src/persistence/published/keyspace-prefix.ts'
import type { Entry } from '../../../src/persistence/published/read-pages.ts'

const KIB = 1024

describe.each([true, false])('pages of entries, only those of the queue: %s', onlyQueued => {
  test.each(['', '0', '1', '0000', '0110', '01100110', '1111111111'])('have what is under the prefix %j, in order', async text => {
    const tables = await openTables()
    await fill(tables, 2_600)

    expect(placesOf(await read(tables, parsePrefix(text), onlyQueued))).toEqual(numbers(2_600).filter(n => !onlyQueued || n % 2 === 0).filter(n => bitsOf(n).startsWith(text)))
  })

  test('hold a hundred each', async () => {
    const tables = await openTables()
    await fill(tables, 500)
    const lengths = (await read(tables, WHOLE_KEYSPACE, onlyQueued)).map(({ length }) => length)

    expect(lengths).toEqual(onlyQueued ? [100, 100, 50] : [100, 100, 100, 100, 100])
  })

  test('have all of many', async () => {
    const tables = await openTables()
    await fill(tables, 40_000)

    expect(placesOf(await read(tables, parsePrefix('0'), onlyQueued))).toEqual(numbers(2 ** 15).filter(n => !onlyQueued || n % 2 === 0))
  })

  test('are one ahead of who reads them', async () => {
    const tables = await openTables()
    await fill(tables, 1_000)
    const pages = readPages(tables, WHOLE_KEYSPACE, { onlyQueued })
    let reads = 0
    const table = onlyQueued ? tables.queue : tables.keys
    const { iterator } = table
    Object.assign(table, {
      iterator: (options: object) => {
        const entries = iterator.call(table, options)
        const { nextv } = entries
        entries.nextv = async (size: number) => {
          reads++

          return nextv.call(entries, size)
        }

        return entries
      }
    })
    await pages.next()

    for (let turn = 0; turn < 10; turn++) {
      await new Promise(resolve => { setImmediate(resolve) })
    }

    expect(reads).toBe(2)
    await pages.return(undefined)
  })

  test('hold few large records', async () => {
    const own = new OwnDatabase(await temporaryDirectory())
    const tables = await openTables(await own.open())
    await fill(tables, 40, 60 * KIB)
    const pages = await read(tables, WHOLE_KEYSPACE, onlyQueued)
    await own.close()

    expect(placesOf(pages)).toEqual(numbers(40).filter(n => !onlyQueued || n % 2 === 0))
    expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(5)
  })

  test('hold one that is larger than a page', async () => {
    const tables = await openTables()
    await fill(tables, 3, 500 * KIB)

    expect(placesOf(await read(tables, WHOLE_KEYSPACE, onlyQueued))).toEqual(onlyQueued ? [0, 2] : [0, 1, 2])
  })

  test('are no longer waited for when that is given up', async () => {
    const tables = await openTables()
    await fill(tables, 10)
    const giveUp = new AbortController()
    const reading = read(tables, WHOLE_KEYSPACE, onlyQueued, giveUp.signal)
    giveUp.abort(new Error('no longer'))

    await expect(reading).rejects.toThrow('no longer')
  })

  test('end with the error of the engine', async () => {
    const db = new MemoryLevel()
    const tables = await openTables(db)
    await fill(tables, 3_000)
    const pages = readPages(tables, WHOLE_KEYSPACE, { onlyQueued })
    await pages.next()
    await pages.next()
    await db.close()

    await expect(all(pages)).rejects.toMatchObject({ code: expect.stringMatching(/^LEVEL_(DATABASE|ITERATOR)_NOT_OPEN$/) })
  })
})

test('a place of the queue whose record is gone has none', async () => {
  const tables = await openTables()
  await tables.queue.put(Uint8Array.of(1), new Uint8Array(4))

  expect(await read(tables, WHOLE_KEYSPACE, true)).toEqual([[{ place: Buffer.of(1), record: undefined }]])
})

async function openTables (db: Database = new MemoryLevel()): Promise<KeyTables> {
  await db.open()
  const tables = new KeyTables(db, 'published')
  await tables.open()

  return tables
}

/** Every other one waits */
async function fill (tables: KeyTables, count: number, bytes = 1): Promise<void> {
  await tables.change(numbers(count), n => Uint8Array.of(n >> 8, n), n => ({ record: new Uint8Array(bytes).fill(n), isQueued: n % 2 === 0 }))
}

async function read (tables: KeyTables, prefix: KeyspacePrefix, onlyQueued: boolean, signal?: AbortSignal): Promise<Entry[][]> {
  return all(readPages(tables, prefix, { onlyQueued, signal }))
}

function placesOf (pages: Entry[][]): number[] {
  return pages.flat().map(({ place, record }) => {
    expect(record?.[0]).toBe(place[1])

    return place[0] * 256 + place[1]
  })
}

function bitsOf (n: number): string {
  return n.toString(2).padStart(16, '0')
}

function numbers (count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}
