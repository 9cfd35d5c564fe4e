import type { Region } from './region.ts'
import type { KadId } from '../keyspace/kad-id.ts'

/** A place in the keyspace is told by so many bytes. A number holds no more of them exactly. */
const PLACE_BYTES = 6

/**
 * What a schedule is made of
 */
export interface ReprovideScheduleInit {
  /** How often each region is sent, ms, a whole number */
  cycleMs: number
  /** This node. Nodes have their own phase, so that they do not all send the same region at once. */
  self: KadId
}

/**
 * What is to be done at a time. All times are ms since the epoch.
 */
export interface ReprovidePlan {
  /** The regions to send now: those never sent first, then those that have been due for the longest time */
  due: Region[]
  /** When the next one falls due; undefined when there is no region */
  nextAtMs: number | undefined
  /**
   * Regions whose last sending lies more than half a cycle ahead, as the clock has been set back. They count as sent, but
   * would not be due again before that time, which may be years away. So this time is to be written in its place.
   */
  misdated: Array<{ region: Region, sentAtMs: number }>
}

/**
 * Decides when the keys of a region are sent again. A region has one moment in each cycle, which
 * follows from its place in the keyspace, so that the work is spread evenly. It is due from
 * that moment on until it has been sent. So a node that was away sends a region once, however many
 * moments it has missed, and no region is sent more than twice in a cycle: late, and in time for the next moment.
 */
export class ReprovideSchedule {
  readonly #cycleMs: number
  /** The share of a cycle by which this node is later than others, 0 to below 1 */
  readonly #phase: number

  constructor (init: ReprovideScheduleInit) {
    this.#cycleMs = init.cycleMs
    // a kad id is a hash. Its last bytes have nothing to do with the place of the node.
    this.#phase = shareOf(init.self.slice(-PLACE_BYTES))
  }

  /**
   * What is due, and when the next region is
   *
   * @param sentAt - When all of a region was sent, ms since the epoch; undefined: never
   * @param now - Ms since the epoch
   */
  plan (regions: Iterable<Region>, sentAt: (region: Region) => number | undefined, now: number): ReprovidePlan {
    const due: Array<{ region: Region, sinceMs: number }> = []
    const misdated: ReprovidePlan['misdated'] = []
    const latestMs = now + Math.floor(this.#cycleMs / 2)
    let nextAtMs: number | undefined

    for (const region of regions) {
      const sent = sentAt(region)
      const sinceMs = sent === undefined ? -Infinity : this.#momentAfter(region, sent)

      if (sent !== undefined && sent > latestMs) {
        // the next moment after that is half a cycle away at least, so that nothing is sent twice in a row
        misdated.push({ region, sentAtMs: latestMs })
      } else if (sinceMs <= now) {
        due.push({ region, sinceMs })
      }

      nextAtMs = Math.min(nextAtMs ?? Infinity, this.#momentAfter(region, now))
    }

    // two that were never sent differ by NaN, and keep their order
    due.sort((a, b) => a.sinceMs - b.sinceMs)

    return { due: due.map(({ region }) => region), nextAtMs, misdated }
  }

  /** The first moment of a region that is later than a time */
  #momentAfter ({ bits }: Region, atMs: number): number {
    // a whole number, so that this moment is no longer after itself
    const offsetMs = Math.floor((shareOf(bits) + this.#phase) * this.#cycleMs)

    return (Math.floor((atMs - offsetMs) / this.#cycleMs) + 1) * this.#cycleMs + offsetMs
  }
}

/** The place of a kad id in the keyspace, as a share of it, 0 to below 1 */
function shareOf (kadId: KadId): number {
  let share = 0

  for (let i = Math.min(PLACE_BYTES, kadId.length) - 1; i >= 0; i--) {
    share = (share + kadId[i]) / 256
  }

  return share
}
