import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { COUNTS_PLACE, encodeCounts, readCounts } from '../../../src/persistence/published/key-counts.ts'
import type { Database } from '../../../src/persistence/database.ts'
import type { Table } from '../../../src/persistence/published/key-counts.ts'

describe('the counts of keys', () => {
  test('are those that were written', async () => {
    const { counts, keys, queue } = tables()
    await counts.put(COUNTS_PLACE, encodeCounts({ keys: 2 ** 40, queued: 3 }))

    expect(await readCounts(counts, keys, queue)).toEqual({ keys: 2 ** 40, queued: 3 })
  })

  test('are counted where they are missing or damaged', async () => {
    const { counts, keys, queue } = tables()
    await keys.batch(Array.from({ length: 25_000 }, (_, n) => ({ type: 'put', key: Uint8Array.of(n >> 8, n), value: new Uint8Array(0) })))
    await queue.put(Uint8Array.of(1), new Uint8Array(0))

    expect(await readCounts(counts, keys, queue)).toEqual({ keys: 25_000, queued: 1 })

    const damaged = encodeCounts({ keys: 1, queued: 0 })
    damaged[5] ^= 1
    await counts.put(COUNTS_PLACE, damaged)
    expect(await readCounts(counts, keys, queue)).toEqual({ keys: 25_000, queued: 1 })
  })
})

function tables (): Record<'counts' | 'keys' | 'queue', Table> {
  const db: Database = new MemoryLevel()
  const table = (name: string): Table => db.sublevel<Uint8Array, Uint8Array>(name, { keyEncoding: 'view', valueEncoding: 'view' })

  return { counts: table('counts'), keys: table('keys'), queue: table('queue') }
}
