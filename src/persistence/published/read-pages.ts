import { raceSignal } from 'race-signal'
import { boundsOf } from './keyspace-prefix.ts'
import { decodeLength } from './key-tables.ts'
import type { Table } from './key-counts.ts'
import type { KeyTables } from './key-tables.ts'
import type { KeyspacePrefix } from './keyspace-prefix.ts'
import type { AbortOptions } from '@libp2p/interface'

/** How many entries are read at a time: an engine gives many at once several times faster */
const PAGE = 100

/**
 * How many bytes of records are read at a time, unless one is larger: it bounds what is in memory.
 * Only records of the queue are counted here. LevelDB's iterator stops by itself at 16 KiB.
 */
const PAGE_BYTES = 256 * 1024

/**
 * An entry as the database has it
 */
export interface Entry {
  place: Uint8Array
  /** Undefined when the queue has the place, and nothing is there any more */
  record: Uint8Array | undefined
}

export interface ReadPagesOptions extends AbortOptions {
  /** Only what waits to be stored */
  onlyQueued: boolean
}

/**
 * The entries under a prefix in the order of their kad ids. While a page is used, the next one is
 * read. What is written meanwhile may be among them or not.
 *
 * @throws The engine's error, or the signal's reason. Where a part of a file is damaged, all that can be read comes before the error
 */
export async function * readPages (tables: KeyTables, prefix: KeyspacePrefix, { onlyQueued, signal }: ReadPagesOptions): AsyncGenerator<Entry[]> {
  const pages = onlyQueued ? queuedPages(tables, prefix) : allPages(tables, prefix)
  let reading = pages.next()

  try {
    while (true) {
      const page = await raceSignal(reading, signal)

      if (page.done === true) {
        return
      }

      reading = pages.next()
      // nobody has to wait for it
      reading.catch(() => {})

      yield page.value
    }
  } finally {
    // when what it reads has come
    pages.return(undefined).catch(() => {})
  }
}

async function * allPages (tables: KeyTables, prefix: KeyspacePrefix): AsyncGenerator<Entry[]> {
  for await (const page of rawPages(tables.keys, prefix)) {
    yield page.map(([place, record]) => ({ place, record }))
  }
}

/** As many places at a time as have records that can be held */
async function * queuedPages (tables: KeyTables, prefix: KeyspacePrefix): AsyncGenerator<Entry[]> {
  let damage: Error | undefined

  for await (const page of rawPages(tables.queue, prefix)) {
    for (let start = 0; start < page.length;) {
      let end = start + 1
      let bytes = decodeLength(page[start][1])

      while (end < page.length && (bytes += decodeLength(page[end][1])) <= PAGE_BYTES) {
        end++
      }

      const places = page.slice(start, end).map(([place]) => place)

      try {
        const records = await tables.keys.getMany(places)
        yield places.map((place, index) => ({ place, record: records[index] }))
      } catch (err) {
        damage ??= damageIn(err)
        yield await readEach(tables.keys, places)
      }

      start = end
    }
  }

  if (damage !== undefined) {
    throw damage
  }
}

/** Those of the entries that can be read one by one */
async function readEach (table: Table, places: Uint8Array[]): Promise<Entry[]> {
  const entries: Entry[] = []

  for (const place of places) {
    try {
      entries.push({ place, record: await table.get(place) })
    } catch (err) {
      damageIn(err)
    }
  }

  return entries
}

/**
 * LevelDB steps over a block that it can't read, and says so at the end, in place of the last
 * page. These entries are read once more, one by one.
 */
async function * rawPages (table: Table, prefix: KeyspacePrefix): AsyncGenerator<Array<[Uint8Array, Uint8Array]>> {
  const { gte, ...end } = boundsOf(prefix)
  // the engine takes an undefined bound for one
  let bounds: { gte?: Uint8Array, gt?: Uint8Array, lt?: Uint8Array } = gte === undefined ? end : { gte, ...end }
  let damage: Error | undefined

  while (true) {
    // one for all pages, as each keeps its last one in memory until it is collected as garbage
    const entries = table.iterator(bounds)
    const size = damage === undefined ? PAGE : 1

    try {
      for (let page = await entries.nextv(size); page.length > 0; page = await entries.nextv(size)) {
        bounds = { gt: page[page.length - 1][0], ...end }
        yield page
      }

      if (damage === undefined) {
        return
      }

      throw damage
    } catch (err) {
      if (damage !== undefined) {
        throw damage
      }

      damage = damageIn(err)
    } finally {
      await entries.close()
    }
  }
}

/** The error, where it says that a part of a file is damaged. Any other is thrown. */
function damageIn (err: unknown): Error {
  if (err instanceof Error && 'code' in err && err.code === 'LEVEL_CORRUPTION') {
    return err
  }

  throw err
}
