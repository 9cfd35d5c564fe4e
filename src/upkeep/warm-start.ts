import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * Whom a node dials when it starts: the best restored peers, so many at a time, so that
 * the routing table fills before the bootstrap list is asked.
 *
 * What returns peers returns those to dial now; `ended` is to be called for each.
 */
export class WarmStart<P extends string | number> {
  readonly #parameters: Pick<UpkeepParameters, 'warmStartDialsAtOnce'>
  #waiting: P[] = []
  readonly #dialled = new Set<P>()

  constructor (parameters: Pick<UpkeepParameters, 'warmStartDialsAtOnce'>) {
    this.#parameters = parameters
  }

  /**
   * @param peers - Best first
   */
  begin (peers: readonly P[]): P[] {
    this.#waiting = [...peers]

    return this.#next()
  }

  /** A dial has ended, whatever came of it */
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
