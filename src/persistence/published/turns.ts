import { raceSignal } from 'race-signal'
import type { AbortOptions } from '@libp2p/interface'

/**
 * Work that is done one after the other, in the order of the calls: what one has read before
 * it writes, no other changes meanwhile
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /**
   * Do something when all that was asked before is done. Work that has begun when its signal
   * aborts goes on, and the next waits for it; who asked does not.
   *
   * @throws The error of the work, or the signal's reason
   */
  async take<T> (work: () => Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
    signal?.throwIfAborted()

    const mine = this.#last.then(async () => {
      signal?.throwIfAborted()

      return work()
    })
    // work that fails must not fail the next
    this.#last = mine.catch(() => {})

    return raceSignal(mine, signal)
  }
}
