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
 * How many pages are read with one iterator. It sees the database as it was in the beginning, and
 * keeps that on the disk. A new one for each page costs memory: LevelDB's keeps the entries
 * that it gave last until the garbage collector finds it, which does not know how large it is.
 */
const PAGES_PER_ITERATOR = 100

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
 * @throws The engine's error, or the signal's reason
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
  for await (const page of rawPages(tables.queue, prefix)) {
    for (let start = 0; start < page.length;) {
      let end = start + 1
      let bytes = decodeLength(page[start][1])

      while (end < page.length && (bytes += decodeLength(page[end][1])) <= PAGE_BYTES) {
        end++
      }

      const places = page.slice(start, end).map(([place]) => place)
      const records = await tables.keys.getMany(places)
      yield places.map((place, index) => ({ place, record: records[index] }))
      start = end
    }
  }
}

async function * rawPages (table: Table, prefix: KeyspacePrefix): AsyncGenerator<Array<[Uint8Array, Uint8Array]>> {
  const { gte, ...end } = boundsOf(prefix)
  // the engine takes an undefined bound for one
  let bounds: { gte?: Uint8Array, gt?: Uint8Array, lt?: Uint8Array } = gte === undefined ? end : { gte, ...end }

  while (true) {
    const entries = table.iterator(bounds)

    try {
      for (let n = 0; n < PAGES_PER_ITERATOR; n++) {
        const page = await entries.nextv(PAGE)
        const last = page.at(-1)

        if (last === undefined) {
          return
        }

        bounds = { gt: last[0], ...end }
        yield page
      }
    } finally {
      await entries.close()
    }
  }
}
