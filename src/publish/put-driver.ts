import type { Put, PutCommand, PutFact } from './put.ts'

/** What carries out the commands of a put */
export interface PutWorld<P extends string | number> {
  /** Store the record with a peer. `stored` or `failed` has to follow, but not before this function returns. */
  store: (peer: P) => void
  onReturn: (command: PutCommand<P> & { type: 'return' }) => void
  onFinish: (command: PutCommand<P> & { type: 'finish' }) => void
}

/**
 * Drives one put, on a live node or in the simulator
 */
export class PutDriver<P extends string | number> {
  readonly #put: Put<P>
  readonly #world: PutWorld<P>

  constructor (put: Put<P>, world: PutWorld<P>) {
    this.#put = put
    this.#world = world
  }

  /**
   * Something happened
   */
  advance (fact: PutFact<P>): void {
    for (const command of this.#put.advance(fact)) {
      switch (command.type) {
        case 'store':
          this.#world.store(command.peer)
          break
        case 'return':
          this.#world.onReturn(command)
          break
        case 'finish':
          this.#world.onFinish(command)
          break
        default:
          command satisfies never
      }
    }
  }
}
