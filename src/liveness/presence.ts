import { PresenceLaw } from './presence-law.ts'
import { isSilence } from '../score/outcome-kinds.ts'
import type { Signs } from './signs.ts'
import type { Outcome } from '../score/outcome.ts'

/** A failure can be taken back, or turn out to be a late answer, for as long as so many more have not followed it */
const MAX_UNSETTLED = 1000

/**
 * The chance that peers answer, learned from what becomes of our requests. Outcomes that
 * are taken back are unlearned.
 */
export class Presence<P> {
  readonly #law = new PresenceLaw()
  /** What was known of the peers that failed last, before they did, and what their failures have changed */
  readonly #unsettled = new Map<P, { signs: Signs, error: number }>()

  /** The chance that a peer answers now, 0.01 to 0.99, by what was seen of it last */
  chance (signs: Signs): number {
    return this.#law.chance(signs)
  }

  /**
   * A request has ended
   *
   * @param before - What was seen of the peer before
   */
  ended (peer: P, outcome: Outcome, before: Signs): void {
    const error = this.#law.learn(before, !isSilence(outcome))
    this.#unsettled.delete(peer)

    if (isSilence(outcome)) {
      this.#unsettled.set(peer, { signs: before, error })

      if (this.#unsettled.size > MAX_UNSETTLED) {
        const [oldest] = this.#unsettled.keys()
        this.#unsettled.delete(oldest)
      }
    }
  }

  /** The peer whose request failed last has answered it after all */
  answeredLate (peer: P): void {
    const signs = this.takenBack(peer)

    if (signs !== undefined) {
      this.#law.learn(signs, true)
    }
  }

  /**
   * The last failure of a peer is taken back: nobody knows whether the peer is there
   *
   * @returns What was seen of it before; undefined when no failure of it is known
   */
  takenBack (peer: P): Signs | undefined {
    const failure = this.#unsettled.get(peer)

    if (failure !== undefined) {
      this.#unsettled.delete(peer)
      this.#law.unlearn(failure.signs, failure.error)
    }

    return failure?.signs
  }
}
