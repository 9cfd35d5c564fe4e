export interface LifecycleInit {
  /**
   * Start everything
   *
   * @param signal - Aborted when there is no need for it any more
   */
  begin: (signal: AbortSignal) => Promise<void>

  /** What is done when all services of the node have started */
  afterStart: () => void

  /** What stops everything, in this order; each does no harm where nothing was started, and is done even if another fails */
  end: Array<() => Promise<void> | void>
}

/**
 * Starts and stops one after the other, whoever calls for what when: the last call
 * wins. libp2p stops its services while others still start, as soon as one of them fails.
 */
export class Lifecycle {
  readonly #init: LifecycleInit
  /** Of the last start; undefined once it is to be stopped */
  #controller: AbortController | undefined
  #begun = false
  #tail: Promise<void> = Promise.resolve()

  constructor (init: LifecycleInit) {
    this.#init = init
  }

  /**
   * @returns When everything was started, or when it was stopped instead
   * @throws {Error} It can't be started; whatever was is stopped again
   */
  async start (): Promise<void> {
    if (this.#controller === undefined) {
      const controller = this.#controller = new AbortController()
      this.#next(async () => this.#begin(controller))
    }

    return this.#tail
  }

  /**
   * @returns When everything was stopped
   * @throws {Error} The first error of those that were to be stopped, after all were
   */
  async stop (): Promise<void> {
    if (this.#controller === undefined) {
      // who stopped it was told what went wrong
      return this.#tail.catch(() => {})
    }

    this.#controller.abort()
    this.#controller = undefined
    this.#next(async () => this.#end())

    return this.#tail
  }

  /**
   * All services of the node have started; it may be stopped already
   */
  afterStart (): void {
    if (this.#begun && this.#controller !== undefined) {
      this.#init.afterStart()
    }
  }

  #next (step: () => Promise<void>): void {
    this.#tail = this.#tail.catch(() => {}).then(step)
    // each caller has it; without one it is nobody's
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
      // it is stopped by who aborted it
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
