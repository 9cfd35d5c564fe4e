import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

export interface IntroductionsInit<P> {
  parameters: Pick<UpkeepParameters, 'introductionsAtOnce' | 'maxWaitingIntroductions'>
  /** Whom we have asked is known for what it is */
  hasScore: (peer: P) => boolean
}

/**
 * Which of the peers that were named to us are introduced to the routing table now: a
 * few at a time, nobody who has a score by then, and nobody while a lookup runs, as whom
 * that needs it asks itself. Each introduction may be a dial.
 *
 * What returns peers returns those to introduce now; `ended` is to be called for each.
 */
export class Introductions<P extends string | number> {
  readonly #init: IntroductionsInit<P>
  /** In the order in which they were named */
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

  /** A lookup begins, the user's or our own */
  lookupBegan (): void {
    this.#lookups++
  }

  /** It has ended */
  lookupEnded (): P[] {
    this.#lookups--

    return this.#next()
  }

  /** An introduction has ended, whatever came of it */
  ended (peer: P): P[] {
    this.#running.delete(peer)

    return this.#next()
  }

  /** A peer no longer speaks the protocol */
  left (peer: P): void {
    this.#waiting.delete(peer)
  }

  /** Forget who waits and who is under way; the lookups still end */
  stop (): void {
    this.#waiting.clear()
    this.#running.clear()
  }

  get #isFree (): boolean {
    return this.#lookups === 0 && this.#running.size < this.#init.parameters.introductionsAtOnce
  }

  #next (): P[] {
    const chosen: P[] = []

    for (const peer of this.#waiting) {
      if (!this.#isFree) {
        break
      }

      this.#waiting.delete(peer)

      // a lookup may have asked it meanwhile
      if (!this.#init.hasScore(peer)) {
        this.#running.add(peer)
        chosen.push(peer)
      }
    }

    return chosen
  }
}
