import type { Random } from '../../../random/random.ts'

/** Weight of the newest lookup in the moving average of their durations: not in the paper */
const AVERAGE_WEIGHT = 0.1

/** The penalty is "slightly larger" than that average, says the paper, section 4.1; how much it does not */
const PENALTY_FACTOR = 1.1

/** A change that a bucket wants */
export interface BanditSwap {
  out: number
  in: number
}

interface Routed {
  lookups: number
  durationMs: number
}

/**
 * One k-bucket of Kadabra (arXiv 2210.12858, sections 4.1 and 4.2). An epoch is so many
 * lookups through the bucket. Each entry scores minus the time of the lookups that went
 * through it, minus a penalty for each that did not; the configuration, the mean of its
 * entries. Every other epoch explores: the worst entry has given way to a random one,
 * and returns if the configuration with it scored higher the epoch before.
 */
export class BanditBucket {
  readonly #epochLookups: number
  readonly #random: Random
  readonly #routed = new Map<number, Routed>()
  #lookups = 0
  #averageMs: number | undefined
  /** The exploration that this epoch is, with the score of the epoch before it */
  #exploring: { swap: BanditSwap, scoreBefore: number } | undefined

  constructor (init: { epochLookups: number, random: Random }) {
    this.#epochLookups = init.epochLookups
    this.#random = init.random
  }

  /**
   * A lookup went through the bucket
   *
   * @param through - The entries that answered it first
   * @param entries - All entries of the bucket
   * @param others - Nodes that could be entries too
   * @returns What to change now
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
