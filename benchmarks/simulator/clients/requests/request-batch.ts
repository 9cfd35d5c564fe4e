import type { Clock } from '../../clock.ts'

export interface RequestBatchInit {
  clock: Clock
  nodes: readonly number[]
  /**
   * Ask one of the peers. `onEnd` is called later, never before this function returns.
   *
   * @returns Cancels the request, so that `onEnd` is not called
   */
  start (node: number, onEnd: (succeeded: boolean) => void): () => void
  /** Called after each request has ended, the last one included */
  onEach? (batch: RequestBatch, succeeded: boolean): void
  /** Called when all requests have ended */
  onEnd (batch: RequestBatch): void
}

/**
 * Several peers asked at the same time
 */
export class RequestBatch {
  /** Number of requests that have ended, failed ones included */
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

  /** The peers whose requests succeeded, in the order in which they were given */
  get succeeded (): number[] {
    return this.#init.nodes.filter(node => this.#succeeded.has(node))
  }

  /** Cancel the requests that are left, so that `onEnd` is not called */
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

    // `onEach` may have cancelled the batch just now
    if (this.ended === this.#init.nodes.length && !this.#isOver) {
      this.#isOver = true
      this.#init.onEnd(this)
    }
  }
}
