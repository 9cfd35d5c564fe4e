/**
 * Delivers what is put in after a constant delay and in order
 */
export class DelayLine<T> {
  readonly #delayMs: number
  readonly #deliver: (item: T) => void
  readonly #items: Array<{ item: T, dueMs: number }> = []
  #timer: NodeJS.Timeout | undefined

  /**
   * @param delayMs - How long each item is on its way, ms
   * @param deliver - Called with each item
   */
  constructor (delayMs: number, deliver: (item: T) => void) {
    this.#delayMs = delayMs
    this.#deliver = deliver
  }

  push (item: T): void {
    this.#items.push({ item, dueMs: performance.now() + this.#delayMs })
    this.#schedule()
  }

  /**
   * Lose everything that is on its way
   */
  clear (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#items.length = 0
  }

  #schedule (): void {
    if (this.#timer == null && this.#items.length > 0) {
      this.#timer = setTimeout(() => { this.#flush() }, Math.max(0, this.#items[0].dueMs - performance.now()))
    }
  }

  #flush (): void {
    this.#timer = undefined

    while (this.#items.length > 0 && this.#items[0].dueMs <= performance.now()) {
      const [{ item }] = this.#items.splice(0, 1)

      this.#deliver(item)
    }

    this.#schedule()
  }
}
