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
  /** What was known of the peers that failed last, before they did */
  readonly #unsettled = new Map<P, Signs>()

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
    this.#law.learn(before, !isSilence(outcome))
    this.#unsettled.delete(peer)

    if (isSilence(outcome)) {
      this.#unsettled.set(peer, before)

      if (this.#unsettled.size > MAX_UNSETTLED) {
        const [oldest] = this.#unsettled.keys()
        this.#unsettled.delete(oldest)
      }
    }
  }

  /** The peer whose request failed last has answered it after all */
  answeredLate (peer: P): void {
    this.#undo(peer, 'answered')
  }

  /** The last failure of a peer is taken back: nobody knows whether the peer is there */
  takenBack (peer: P): void {
    this.#undo(peer, 'unknown')
  }

  #undo (peer: P, instead: 'answered' | 'unknown'): void {
    const before = this.#unsettled.get(peer)

    if (before !== undefined) {
      this.#unsettled.delete(peer)
      this.#law.unlearnFailure(before, instead)
    }
  }
}
