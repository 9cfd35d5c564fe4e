import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

export interface IntroductionsInit<P> {
  parameters: Pick<UpkeepParameters, 'introductionsAtOnce' | 'maxWaitingIntroductions'>
  /** Whether a peer has a score. Such a peer needs no introduction, because we have asked it before. */
  hasScore: (peer: P) => boolean
}

/**
 * Decides which of the peers that were named to us are introduced to the routing table, and
 * when. A few are introduced at a time, as each introduction may be a dial. Peers with a score are
 * left out. While a lookup runs, nobody is introduced, because the lookup asks the peers that
 * it needs by itself.
 *
 * The methods that return peers return those to introduce now. Call `ended` for each when
 * its introduction is over.
 */
export class Introductions<P extends string | number> {
  readonly #init: IntroductionsInit<P>
  /** The peers that wait, in the order in which they were named */
  readonly #waiting = new Set<P>()
  readonly #running = new Set<P>()
  #lookups = 0

  constructor (init: IntroductionsInit<P>) {
    this.#init = init
  }

  /** A peer was named that is neither in the buckets nor connected */
  named (peer: P): P[] {
    const { parameters, hasScore } = this.#init

    if (hasScore(peer) || this.#running.has(peer)) {
      return []
    }

    if (this.#waiting.size < parameters.maxWaitingIntroductions || this.#isFree) {
      this.#waiting.add(peer)
    }

    return this.#next()
  }

  /** A lookup begins, for the user or for the upkeep */
  lookupBegan (): void {
    this.#lookups++
  }

  /** Whether a lookup runs */
  get isLookingUp (): boolean {
    return this.#lookups > 0
  }

  /** A lookup has ended */
  lookupEnded (): P[] {
    this.#lookups--

    return this.#next()
  }

  /** An introduction has ended, with an answer or without */
  ended (peer: P): P[] {
    this.#running.delete(peer)

    return this.#next()
  }

  /** A peer no longer speaks the protocol */
  left (peer: P): void {
    this.#waiting.delete(peer)
  }

  /** Forget the peers that wait and those that are introduced now. For lookups that are under way, `lookupEnded` must still come. */
  stop (): void {
    this.#waiting.clear()
    this.#running.clear()
  }

  get #isFree (): boolean {
    return this.#lookups === 0 && this.#running.size < this.#init.parameters.introductionsAtOnce
  }

  #next (): P[] {
    if (this.#waiting.size === 0 || !this.#isFree) {
      return []
    }

    const chosen: P[] = []

    for (const peer of this.#waiting) {
      if (!this.#isFree) {
        break
      }

      this.#waiting.delete(peer)

      // a lookup may have asked the peer while it waited
      if (!this.#init.hasScore(peer)) {
        this.#running.add(peer)
        chosen.push(peer)
      }
    }

    return chosen
  }
}
