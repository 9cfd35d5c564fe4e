import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'

/** One verification in so many explores */
export const EXPLORES_EVERY = 5

/** Some of the peers are connected, which shows that they are there, or are pinged already. So this many are looked at for one that is verified. */
const LOOKED_AT = 40

export interface VerificationInit<P extends string | number> {
  parameters: Pick<UpkeepParameters, 'verifyEveryMs' | 'verificationsAtOnce' | 'exploreAfterMs'>
  table: Pick<ScoredRoutingTable<P>, 'leastCertain' | 'longestUnasked'>
  isConnected: (peer: P) => boolean
}

/**
 * Decides which peers are pinged to learn whether they are still there. Four times in five
 * it is a peer in the k-buckets, the one whose presence is the least certain, because these are
 * named to others. Nobody is pinged where all are certain. One time in five it explores: it
 * is the peer that was not asked for the longest, wherever it is and however poor. So every
 * peer can change its score, and the node learns what has become of those that nobody names
 * any more.
 */
export class Verification<P extends string | number> {
  readonly #init: VerificationInit<P>
  readonly #running = new Set<P>()
  #count = 0
  /** Up to when pings were due, ms; undefined before the first round */
  #dueUntil: number | undefined

  constructor (init: VerificationInit<P>) {
    this.#init = init
  }

  /** Whom to ping in this round of the upkeep. Call `ended` for each when its ping is over. */
  round (now: number): P[] {
    const { table, parameters: { exploreAfterMs, verificationsAtOnce } } = this.#init
    const due = Math.min(this.#due(now), EXPLORES_EVERY * verificationsAtOnce)
    const chosen: P[] = []
    // these lists take a look at many peers, so each is made once
    const uncertain = due === 0 ? [] : table.leastCertain(LOOKED_AT, now)
    const unasked = due === 0 ? [] : table.longestUnasked(LOOKED_AT, now - exploreAfterMs)

    for (let i = 0; i < due && this.#running.size < verificationsAtOnce; i++) {
      const explores = this.#count++ % EXPLORES_EVERY === EXPLORES_EVERY - 1
      const peer = (explores ? unasked : uncertain).find(peer => !this.#running.has(peer) && !this.#init.isConnected(peer))

      if (peer !== undefined) {
        this.#running.add(peer)
        chosen.push(peer)
      }
    }

    return chosen
  }

  /** A ping is over, with an answer or without */
  ended (peer: P): void {
    this.#running.delete(peer)
  }

  /** Forget the pings that are under way */
  stop (): void {
    this.#running.clear()
    this.#dueUntil = undefined
  }

  /** How many pings are due since the last round in which some were */
  #due (now: number): number {
    const due = Math.floor((now - (this.#dueUntil ?? now)) / this.#init.parameters.verifyEveryMs)

    if (due > 0 || this.#dueUntil === undefined) {
      this.#dueUntil = now
    }

    return due
  }
}
