import { sharedBits } from './key-index.ts'
import type { TableContents } from './table-contents.ts'
import type { World } from '../world/world.ts'

/** Number of tables that are measured by default */
const MAX_TABLES = 4000

/** The buckets of a number count as full when they hold at least this share of k on average */
const FULL_SHARE = 0.9

/**
 * The contents of all buckets of one common prefix length, over many tables
 */
export interface MeasuredBucket {
  /** The common prefix length of the owner and the entries, which is the number of the bucket */
  bucket: number
  /** How many of these buckets are not empty */
  buckets: number
  /** Number of entries in these buckets together */
  entries: number
  /** How many of the entries are offline */
  offline: number
  /** How many of the entries are online but cannot be dialled */
  unreachable: number
}

/**
 * The state of routing tables. Shares are 0 to 1.
 */
export interface MeasuredTables {
  buckets: MeasuredBucket[]
  /** The first bucket number that does not count as full. All lower ones do. */
  firstSparse: number
  /** Share of dead entries in the buckets with lower numbers than `firstSparse` */
  deadInFull: number
  /** Share of dead entries in the other buckets */
  deadInSparse: number
}

/**
 * Count dead entries as a crawler does. A crawler asks nodes for all peers that they
 * know, and then dials these. A peer that does not answer is dead, whether it is offline
 * or cannot be dialled. Entries that a table passes over are not named to the crawler.
 * Only the tables of nodes that are online and can be dialled are counted.
 *
 * @param options.tables - Limit of tables that are looked at @default 4000
 * @param options.dialledAtMs - Time at which the entries are dialled, because a crawl takes a while @default the present time of the tables
 */
export function measureTables (contents: TableContents, { population, sessions }: World, { tables = MAX_TABLES, dialledAtMs = contents.now }: { tables?: number, dialledAtMs?: number } = {}): MeasuredTables {
  const step = Math.max(1, Math.floor(population.size / tables))
  const named: Array<{ bucket: number, peer: number }> = []
  const measured: MeasuredBucket[] = []
  const at = (bucket: number): MeasuredBucket => {
    while (measured.length <= bucket) {
      measured.push({ bucket: measured.length, buckets: 0, entries: 0, offline: 0, unreachable: 0 })
    }

    return measured[bucket]
  }

  for (let node = 0; node < population.size; node += step) {
    if (population.reach(node) === 'unreachable' || !sessions.isOnline(node, contents.now)) {
      continue
    }

    const head = population.head(node)
    const seen = new Set<number>()

    for (const { peer, passedOver } of contents.entriesOf(node)) {
      if (!passedOver) {
        const bucket = sharedBits(head, population.head(peer))
        seen.add(bucket)
        named.push({ bucket, peer })
      }
    }

    seen.forEach(bucket => { at(bucket).buckets++ })
  }

  // time only goes forward, so all nodes are asked before the first peer is dialled
  for (const { bucket, peer } of named) {
    const counts = at(bucket)
    counts.entries++

    if (!sessions.isOnline(peer, dialledAtMs)) {
      counts.offline++
    } else if (population.reach(peer) === 'unreachable') {
      counts.unreachable++
    }
  }

  const sparse = measured.findIndex(({ entries, buckets }) => entries < FULL_SHARE * contents.k * buckets)
  const firstSparse = sparse === -1 ? measured.length : sparse

  return {
    buckets: measured,
    firstSparse,
    deadInFull: deadShare(measured.slice(0, firstSparse)),
    deadInSparse: deadShare(measured.slice(firstSparse))
  }
}

/** The share of dead entries in some buckets, 0 to 1. It is 0 when there are no entries. */
function deadShare (buckets: readonly MeasuredBucket[]): number {
  let [dead, entries] = [0, 0]

  for (const bucket of buckets) {
    dead += bucket.offline + bucket.unreachable
    entries += bucket.entries
  }

  return entries === 0 ? 0 : dead / entries
}
