/**
 * Delivers items after a delay, in the order in which they were put in
 */
export class DelayLine<T> {
  readonly #delayMs: () => number
  readonly #deliver: (item: T) => void
  readonly #items: Array<{ item: T, dueMs: number }> = []
  #isHeld = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param delayMs - How long each item is on its way, ms. A function is called anew for each item.
   * @param deliver - Called with each item
   */
  constructor (delayMs: number | (() => number), deliver: (item: T) => void) {
    this.#delayMs = typeof delayMs === 'function' ? delayMs : () => delayMs
    this.#deliver = deliver
  }

  push (item: T): void {
    // an item that was sent earlier arrives earlier, even if the delay has become shorter since
    const dueMs = Math.max(performance.now() + this.#delayMs(), this.#items.at(-1)?.dueMs ?? 0)

    this.#items.push({ item, dueMs })
    this.#schedule()
  }

  /**
   * Deliver nothing until `release` is called
   */
  hold (): void {
    this.#isHeld = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /**
   * Deliver again. Items that are overdue are delivered at once.
   */
  release (): void {
    this.#isHeld = false
    this.#schedule()
  }

  /**
   * Drop all items that are on their way
   */
  clear (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#items.length = 0
  }

  #schedule (): void {
    if (this.#timer === undefined && this.#items.length > 0 && !this.#isHeld) {
      this.#timer = setTimeout(() => { this.#flush() }, Math.max(0, this.#items[0].dueMs - performance.now()))
    }
  }

  #flush (): void {
    this.#timer = undefined

    while (this.#items.length > 0 && !this.#isHeld && this.#items[0].dueMs <= performance.now()) {
      const [{ item }] = this.#items.splice(0, 1)

      this.#deliver(item)
    }

    this.#schedule()
  }
}
