import { raceSignal } from 'race-signal'
import { boundsOf } from './keyspace-prefix.ts'
import { decodeLength } from './key-tables.ts'
import type { KeyTables } from './key-tables.ts'
import type { KeyspacePrefix } from './keyspace-prefix.ts'
import type { AbortOptions } from '@libp2p/interface'

/** How many entries are read at a time: an engine gives many at once several times faster */
const PAGE = 1_000

/** How many bytes of records are read at a time, unless one is larger: it bounds what is in memory */
const PAGE_BYTES = 256 * 1024

/** Of the engine: it stops reading when it has so much. Those that have all in memory don't know it. */
const LIMITED = { highWaterMarkBytes: PAGE_BYTES }

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
 * read. An entry that is written meanwhile is among them if its turn has not come yet.
 *
 * @throws The engine's error, or the signal's reason
 */
export async function * readPages (tables: KeyTables, prefix: KeyspacePrefix, { onlyQueued, signal }: ReadPagesOptions): AsyncGenerator<Entry[]> {
  const read = onlyQueued ? readQueue : readAll
  const { gte, ...end } = boundsOf(prefix)
  // the engine takes an undefined bound for one
  let reading = read(tables, gte === undefined ? end : { gte, ...end })

  while (true) {
    const page = await raceSignal(reading, signal)
    const last = page.at(-1)

    if (last === undefined) {
      return
    }

    reading = read(tables, { gt: last.place, ...end })
    // nobody has to wait for it
    reading.catch(() => {})

    yield page
  }
}

/** An iterator for each page: one for all of them would keep everything on the disk that is replaced meanwhile */
async function readAll (tables: KeyTables, bounds: Bounds): Promise<Entry[]> {
  const entries = tables.keys.iterator({ ...bounds, ...LIMITED })

  try {
    return (await entries.nextv(PAGE)).map(([place, record]) => ({ place, record }))
  } finally {
    await entries.close()
  }
}

async function readQueue (tables: KeyTables, bounds: Bounds): Promise<Entry[]> {
  const entries = tables.queue.iterator({ ...bounds, limit: PAGE })
  const places: Uint8Array[] = []
  let bytes = 0

  for (const [place, entry] of await entries.all()) {
    bytes += decodeLength(entry)

    if (bytes > PAGE_BYTES && places.length > 0) {
      break
    }

    places.push(place)
  }

  const records = await tables.keys.getMany(places)

  return places.map((place, index) => ({ place, record: records[index] }))
}

interface Bounds {
  gte?: Uint8Array
  gt?: Uint8Array
  lt?: Uint8Array
}
