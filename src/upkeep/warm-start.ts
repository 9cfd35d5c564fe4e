import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * Decides whom a node dials when it starts: the best restored peers, a few at a time. So the
 * routing table fills before the bootstrap list is asked.
 *
 * The methods that return peers return those to dial now. Call `ended` for each when its
 * dial is over.
 */
export class WarmStart<P extends string | number> {
  readonly #parameters: Pick<UpkeepParameters, 'warmStartDialsAtOnce'>
  #waiting: P[] = []
  readonly #dialled = new Set<P>()

  constructor (parameters: Pick<UpkeepParameters, 'warmStartDialsAtOnce'>) {
    this.#parameters = parameters
  }

  /**
   * Begin to dial
   *
   * @param peers - The restored peers, best first
   */
  begin (peers: readonly P[]): P[] {
    this.#waiting = [...peers]

    return this.#next()
  }

  /** A dial has ended, with success or without */
  ended (peer: P): P[] {
    this.#dialled.delete(peer)

    return this.#next()
  }

  /** Dial nobody any more */
  stop (): void {
    this.#waiting = []
    this.#dialled.clear()
  }

  #next (): P[] {
    const chosen = this.#waiting.splice(0, Math.max(0, this.#parameters.warmStartDialsAtOnce - this.#dialled.size))
    chosen.forEach(peer => { this.#dialled.add(peer) })

    return chosen
  }
}
