import { sharedBits } from './key-index.ts'
import type { TableContents } from './table-contents.ts'
import type { World } from '../world/world.ts'

/** Tables looked at, if nobody says otherwise */
const MAX_TABLES = 4000

/** A bucket number belongs to the full ones when its buckets hold so large a share of k on average */
const FULL_SHARE = 0.9

/**
 * What the buckets of one common prefix length hold, over many tables
 */
export interface MeasuredBucket {
  /** The common prefix length of owner and entries: the bucket's number */
  bucket: number
  /** How many of these buckets hold anything */
  buckets: number
  /** Entries in them, in all */
  entries: number
  /** Of those, gone offline */
  offline: number
  /** Of those, online but nobody can dial them */
  unreachable: number
}

/**
 * The state of routing tables. Shares are 0 to 1.
 */
export interface MeasuredTables {
  buckets: MeasuredBucket[]
  /** The first bucket number that is not among the full ones, which are those before it */
  firstSparse: number
  /** Share of dead entries in the buckets before `firstSparse` */
  deadInFull: number
  /** The same from `firstSparse` on */
  deadInSparse: number
}

/**
 * Count dead entries as a crawler does that asks nodes for all they know and then dials
 * whom they named: dead is who does not answer, offline or not to be dialled. Those
 * that a table passes over are not named to it. Only of nodes that are online and can
 * be dialled themselves.
 *
 * @param options.tables - At most so many @default 4000
 * @param options.dialledAtMs - When the entries are dialled: a crawl takes its time @default the time that the tables are of
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

  // time only goes forward, so all are asked before the first is dialled
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

/** The share of dead entries in some buckets, 0 to 1; 0 where there are none */
function deadShare (buckets: readonly MeasuredBucket[]): number {
  let [dead, entries] = [0, 0]

  for (const bucket of buckets) {
    dead += bucket.offline + bucket.unreachable
    entries += bucket.entries
  }

  return entries === 0 ? 0 : dead / entries
}
