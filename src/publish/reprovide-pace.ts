const MINUTE = 60_000

/** A window is no shorter than this, ms */
const MIN_WINDOW = 10 * MINUTE

/** In so many windows in a row the queue has to grow, or not to grow, until that is believed */
const WINDOWS = 3

/** In a cycle there are so many windows at least, so that a few regions do not take days to be noticed */
const MIN_WINDOWS_PER_CYCLE = 8

/**
 * What waits at a time
 */
export interface ReprovideQueue {
  /** How many regions are due, and not yet under way */
  waiting: number
  /** How many regions there are in all */
  regions: number
  /** How often each is due, ms */
  cycleMs: number
}

/**
 * Tells whether the sending of regions keeps up with the schedule. It falls behind when the queue
 * of regions that are due has grown in three windows of time in a row. A window is ten minutes long, or as
 * long as it takes until one more region falls due: where regions are few, the queue can't grow
 * faster. In a window in which nothing waits for a while, it has not grown. Of the past nothing is kept but a mean.
 */
export class ReprovidePace {
  #isFallingBehind = false
  #window: Window | undefined
  /** How many regions waited on average in the window before. There is none before the first, so nothing has grown in that. */
  #lastMean = Infinity
  /** Windows in a row in which the queue grew, and in which it did not */
  #growing = 0
  #steady = 0

  get isFallingBehind (): boolean {
    return this.#isFallingBehind
  }

  /**
   * What waits from now on. To be called whenever that changes, and at least every few minutes.
   *
   * @param now - Ms by a clock that never goes back
   * @returns Whether the sending falls behind
   */
  changed ({ waiting, regions, cycleMs }: ReprovideQueue, now: number): boolean {
    const windowMs = Math.max(MIN_WINDOW, Math.min(cycleMs / regions, cycleMs / MIN_WINDOWS_PER_CYCLE))
    const current = this.#window ??= { sinceMs: now, atMs: now, waited: 0, waiting, least: waiting }

    // what waited until now
    current.waited += current.waiting * (now - current.atMs)
    current.atMs = now

    if (now - current.sinceMs >= windowMs) {
      this.#close(current, regions)
      this.#window = { sinceMs: now, atMs: now, waited: 0, waiting, least: waiting }
    } else {
      current.waiting = waiting
      current.least = Math.min(current.least, waiting)
    }

    return this.#isFallingBehind
  }

  #close ({ sinceMs, atMs, waited, least }: Window, regions: number): void {
    const mean = waited / (atMs - sinceMs)
    // when all wait, there is nothing left that could make it grow
    const grew = least > 0 && (mean > this.#lastMean || least >= regions)

    this.#growing = grew ? this.#growing + 1 : 0
    this.#steady = grew ? 0 : this.#steady + 1
    this.#lastMean = mean

    if (this.#growing >= WINDOWS) {
      this.#isFallingBehind = true
    } else if (least === 0 || this.#steady >= WINDOWS) {
      this.#isFallingBehind = false
    }
  }
}

interface Window {
  sinceMs: number
  /** Up to when it is counted in `waited` */
  atMs: number
  /** How many waited, times how long, ms */
  waited: number
  /** How many wait since `atMs` */
  waiting: number
  /** The fewest that waited */
  least: number
}
