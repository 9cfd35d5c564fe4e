export interface LifecycleInit {
  /**
   * Start everything
   *
   * @param signal - Aborted when the node is to stop before the start is done
   */
  begin: (signal: AbortSignal) => Promise<void>

  /** Called when all services of the node have started */
  afterStart: () => void

  /** The steps that stop everything, in this order. Each must be harmless where nothing was started. Each is done even if another fails. */
  end: Array<() => Promise<void> | void>
}

/**
 * Starts and stops the service. Starts and stops run one after the other, in whatever order
 * they are called, and the last call decides. This is needed because libp2p stops
 * its services as soon as one of them fails to start, while others still start.
 */
export class Lifecycle {
  readonly #init: LifecycleInit
  /** Aborts the last start; undefined when the service is stopped or to be stopped */
  #controller: AbortController | undefined
  #begun = false
  #tail: Promise<void> = Promise.resolve()

  constructor (init: LifecycleInit) {
    this.#init = init
  }

  /**
   * Start everything. Resolves when everything is started, or when a stop came first.
   *
   * @throws {Error} Something can't be started; the rest is stopped again
   */
  async start (): Promise<void> {
    if (this.#controller === undefined) {
      const controller = this.#controller = new AbortController()
      this.#next(async () => this.#begin(controller))
    }

    return this.#tail
  }

  /**
   * Stop everything. Resolves when everything is stopped.
   *
   * @throws {Error} The first error of the steps, thrown after all of them
   */
  async stop (): Promise<void> {
    if (this.#controller === undefined) {
      // an error of the stop goes to its first caller only
      return this.#tail.catch(() => {})
    }

    this.#controller.abort()
    this.#controller = undefined
    this.#next(async () => this.#end())

    return this.#tail
  }

  /**
   * All services of the node have started. Nothing happens if this service was stopped meanwhile.
   */
  afterStart (): void {
    if (this.#begun && this.#controller !== undefined) {
      this.#init.afterStart()
    }
  }

  #next (step: () => Promise<void>): void {
    this.#tail = this.#tail.catch(() => {}).then(step)
    // each caller gets the error; without a caller it must not become an unhandled rejection
    this.#tail.catch(() => {})
  }

  async #begin (controller: AbortController): Promise<void> {
    if (controller.signal.aborted) {
      return
    }

    try {
      this.#begun = true
      await this.#init.begin(controller.signal)
    } catch (err) {
      // the call that aborted the start stops everything as well
      if (controller.signal.aborted) {
        return
      }

      this.#controller = undefined
      await this.#end().catch(() => {})
      throw err
    }
  }

  async #end (): Promise<void> {
    if (!this.#begun) {
      return
    }

    this.#begun = false
    const errors: unknown[] = []

    for (const step of this.#init.end) {
      try {
        await step()
      } catch (err) {
        errors.push(err)
      }
    }

    if (errors.length > 0) {
      throw errors[0]
    }
  }
}
