import type { Clock } from '../../clock.ts'

export interface RequestBatchInit {
  clock: Clock
  nodes: readonly number[]
  /**
   * Ask one of them. Its end comes later, never before this returns.
   *
   * @returns Gives up, without `onEnd`
   */
  start (node: number, onEnd: (succeeded: boolean) => void): () => void
  /** One of them has ended, the last one included */
  onEach? (batch: RequestBatch, succeeded: boolean): void
  /** All of them have ended */
  onEnd (batch: RequestBatch): void
}

/**
 * Several peers asked at the same time
 */
export class RequestBatch {
  /** How many have ended, those that failed included */
  ended = 0

  readonly #init: RequestBatchInit
  readonly #succeeded = new Set<number>()
  readonly #cancels: Array<() => void>
  #isOver = false

  constructor (init: RequestBatchInit) {
    this.#init = init
    this.#cancels = init.nodes.map(node => init.start(node, succeeded => { this.#onEnd(node, succeeded) }))

    if (init.nodes.length === 0) {
      this.#cancels.push(init.clock.schedule(0, () => { init.onEnd(this) }))
    }
  }

  /** Those that succeeded, in the order in which they were given */
  get succeeded (): number[] {
    return this.#init.nodes.filter(node => this.#succeeded.has(node))
  }

  /** Give up what is left, without `onEnd` */
  cancel (): void {
    this.#isOver = true
    this.#cancels.splice(0).forEach(cancel => { cancel() })
  }

  #onEnd (node: number, succeeded: boolean): void {
    if (this.#isOver) {
      return
    }

    this.ended++

    if (succeeded) {
      this.#succeeded.add(node)
    }

    this.#init.onEach?.(this, succeeded)

    // it may have been given up just now
    if (this.ended === this.#init.nodes.length && !this.#isOver) {
      this.#isOver = true
      this.#init.onEnd(this)
    }
  }
}
