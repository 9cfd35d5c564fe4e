/**
 * Delivers what is put in after a delay and in order
 */
export class DelayLine<T> {
  readonly #delayMs: () => number
  readonly #deliver: (item: T) => void
  readonly #items: Array<{ item: T, dueMs: number }> = []
  #isHeld = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param delayMs - How long each item is on its way, ms; a function is asked for each
   * @param deliver - Called with each item
   */
  constructor (delayMs: number | (() => number), deliver: (item: T) => void) {
    this.#delayMs = typeof delayMs === 'function' ? delayMs : () => delayMs
    this.#deliver = deliver
  }

  push (item: T): void {
    // what was sent earlier arrives earlier, even where the delay has become shorter since
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
   * Go on: what is overdue comes at once
   */
  release (): void {
    this.#isHeld = false
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
