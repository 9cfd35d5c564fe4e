import type { Database } from './database.ts'
import type { AbstractSublevel } from 'abstract-level'

const BINARY = { keyEncoding: 'view', valueEncoding: 'view' }

/** How many owners' records are kept: a node with a new identity at each start leaves records behind each time */
const MAX_OWNERS = 8

/** Records copied at a time */
const BATCH = 1_000

/** What this process does in a database */
interface Use {
  /** The sublevels with owners that are in use */
  claimed: Set<string>
  /** The last claim: one at a time, so that two owners don't take over the same records */
  tail: Promise<unknown>
}

const uses = new WeakMap<Database, Use>()

/**
 * Gives each of the nodes that share a database records of its own. Records without an owner,
 * in the sublevel `name`, go to the first owner. A later owner without records begins with a
 * copy of those that were used last and are not in use now: what was learned of other peers
 * is true for any node that runs here.
 *
 * @param name - Of the sublevel, the same for all owners
 * @param owner - Printable, without `!`
 * @returns The name of the owner's sublevel; undefined when this process uses it already
 */
export async function claimRecords (db: Database, name: string, owner: string): Promise<string | undefined> {
  const use = uses.get(db) ?? { claimed: new Set(), tail: Promise.resolve() }
  const claimed = setOf(name, owner)
  uses.set(db, use)

  if (use.claimed.has(claimed)) {
    return undefined
  }

  use.claimed.add(claimed)

  try {
    const prepared = use.tail.then(async () => prepare(db, name, owner, use.claimed))
    use.tail = prepared.catch(() => {})
    await prepared

    return claimed
  } catch (err) {
    use.claimed.delete(claimed)
    throw err
  }
}

/**
 * To be called when the sublevel that was claimed is no longer used
 */
export function releaseRecords (db: Database, claimed: string): void {
  uses.get(db)?.claimed.delete(claimed)
}

/**
 * Whether the records of an owner are still there. Another tab or process that shares the
 * database can't tell that they are in use, and clears them when it has seen eight later owners.
 */
export async function areKept (db: Database, name: string, owner: string): Promise<boolean> {
  const index = indexOf(db, name)

  try {
    return await index.get(owner) !== undefined
  } finally {
    await index.close()
  }
}

async function prepare (db: Database, name: string, owner: string, inUse: Set<string>): Promise<void> {
  const index = indexOf(db, name)

  try {
    const owners = (await index.iterator().all()).sort(([, a], [, b]) => Number(b) - Number(a))

    if (!owners.some(([other]) => other === owner)) {
      const free = owners.map(([other]) => other).filter(other => !inUse.has(setOf(name, other)))

      if (owners.length === 0) {
        await copy(db, name, setOf(name, owner))
        await clear(db, name)
      } else if (free.length > 0) {
        await copy(db, setOf(name, free[0]), setOf(name, owner))
      }

      for (const other of free.slice(MAX_OWNERS - 1)) {
        await clear(db, setOf(name, other))
        await index.del(other)
      }
    }

    await index.put(owner, String(Number(owners[0]?.[1] ?? 0) + 1))
  } finally {
    await index.close()
  }
}

/** The number of each owner. Who came last has the highest. */
function indexOf (db: Database, name: string): AbstractSublevel<Database, unknown, string, string> {
  return db.sublevel<string, string>(setOf(name, ''), { keyEncoding: 'utf8', valueEncoding: 'utf8' })
}

/** Copies bytes, as a later release may have written records that this one can't read */
async function copy (db: Database, from: string, to: string): Promise<void> {
  const source = db.sublevel<Uint8Array, Uint8Array>(from, BINARY)
  const target = db.sublevel<Uint8Array, Uint8Array>(to, BINARY)

  try {
    const records = source.iterator()

    while (true) {
      const batch = await records.nextv(BATCH)

      if (batch.length === 0) {
        return
      }

      await target.batch(batch.map(([key, value]) => ({ type: 'put' as const, key, value })))
    }
  } finally {
    // this closes the iterator too
    await Promise.all([source.close(), target.close()])
  }
}

async function clear (db: Database, name: string): Promise<void> {
  const records = db.sublevel<Uint8Array, Uint8Array>(name, BINARY)

  await records.clear()
  await records.close()
}

/** A `#` is in no protocol and in no peer id */
function setOf (name: string, owner: string): string {
  return `${name}#${owner}`
}
