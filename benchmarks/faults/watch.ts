import type { PeerClass } from '../../src/score/peer-score.ts'

const INTERVAL_MS = 50

/**
 * Counts the peers of each class again and again, and remembers the worst counts
 */
export class Watch {
  readonly #timer: NodeJS.Timeout
  readonly #look: () => void
  #worst: Record<PeerClass, number>

  constructor (counts: () => Record<PeerClass, number>) {
    this.#worst = counts()
    this.#look = () => {
      const now = counts()

      if (now.good < this.#worst.good || (now.good === this.#worst.good && now.unacceptable > this.#worst.unacceptable)) {
        this.#worst = now
      }
    }
    this.#timer = setInterval(this.#look, INTERVAL_MS)
  }

  /** The counts at the time when the fewest peers were good */
  get worst (): Record<PeerClass, number> {
    this.#look()

    return this.#worst
  }

  stop (): Record<PeerClass, number> {
    clearInterval(this.#timer)

    return this.worst
  }
}
