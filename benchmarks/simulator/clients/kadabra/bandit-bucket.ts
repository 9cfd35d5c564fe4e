import type { Random } from '../../../random/random.ts'

/** Weight of the newest lookup in the moving average of durations. The paper gives no value. */
const AVERAGE_WEIGHT = 0.1

/** The penalty is "slightly larger" than that average (section 4.1). The paper does not say by how much. */
const PENALTY_FACTOR = 1.1

/** A change of entries that a bucket asks for */
export interface BanditSwap {
  out: number
  in: number
}

interface Routed {
  lookups: number
  durationMs: number
}

/**
 * One k-bucket of Kadabra (arXiv 2210.12858, sections 4.1 and 4.2). An epoch is a fixed
 * number of lookups through the bucket. The score of an entry is negative: the time of
 * each lookup that went through the entry is subtracted, and a penalty for each lookup
 * that did not. The score of a configuration is the mean of its entries' scores. Every
 * other epoch explores. At its start, a random node takes the place of the worst entry.
 * The old entry returns if the epoch before had a higher score.
 */
export class BanditBucket {
  readonly #epochLookups: number
  readonly #random: Random
  readonly #routed = new Map<number, Routed>()
  #lookups = 0
  #averageMs: number | undefined
  /** The exploration of the present epoch, with the score of the epoch before it */
  #exploring: { swap: BanditSwap, scoreBefore: number } | undefined

  constructor (init: { epochLookups: number, random: Random }) {
    this.#epochLookups = init.epochLookups
    this.#random = init.random
  }

  /**
   * A lookup has gone through the bucket
   *
   * @param through - The entries that answered it first
   * @param entries - All entries of the bucket
   * @param others - Nodes that could become entries
   * @returns The change to make now, if any
   */
  lookedUp (through: readonly number[], durationMs: number, entries: readonly number[], others: () => number[]): BanditSwap | undefined {
    this.#averageMs = this.#averageMs === undefined ? durationMs : this.#averageMs + AVERAGE_WEIGHT * (durationMs - this.#averageMs)
    this.#lookups++

    for (const node of through) {
      const routed = this.#routed.get(node)

      this.#routed.set(node, { lookups: (routed?.lookups ?? 0) + 1, durationMs: (routed?.durationMs ?? 0) + durationMs })
    }

    if (this.#lookups < this.#epochLookups || entries.length === 0) {
      return undefined
    }

    const swap = this.#endEpoch(entries, others, PENALTY_FACTOR * this.#averageMs)

    this.#lookups = 0
    this.#routed.clear()

    return swap
  }

  #endEpoch (entries: readonly number[], others: () => number[], penaltyMs: number): BanditSwap | undefined {
    const scores = entries.map(node => {
      const { lookups, durationMs } = this.#routed.get(node) ?? { lookups: 0, durationMs: 0 }

      return -durationMs - penaltyMs * (this.#lookups - lookups)
    })
    const score = scores.reduce((sum, score) => sum + score, 0) / entries.length
    const explored = this.#exploring

    this.#exploring = undefined

    if (explored !== undefined) {
      return score < explored.scoreBefore ? { out: explored.swap.in, in: explored.swap.out } : undefined
    }

    const candidates = others()

    if (candidates.length === 0) {
      return undefined
    }

    const swap = {
      out: entries[scores.indexOf(Math.min(...scores))],
      in: candidates[Math.floor(this.#random() * candidates.length)]
    }

    this.#exploring = { swap, scoreBefore: score }

    return swap
  }
}
