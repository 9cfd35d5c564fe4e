/** Places to begin with, a power of 2 */
const PLACES = 16

/**
 * What came first is next: a ring of places that is doubled when it is full. A `Set` would
 * have to pass all the places that were left before it finds its first one.
 */
export class Fifo<T> {
  #items = new Array<T | undefined>(PLACES)
  #first = 0
  #length = 0

  get length (): number {
    return this.#length
  }

  push (item: T): void {
    if (this.#length === this.#items.length) {
      this.#grow()
    }

    this.#items[this.#place(this.#length)] = item
    this.#length++
  }

  /** Take out the one that came first */
  pop (): T | undefined {
    if (this.#length === 0) {
      return undefined
    }

    const item = this.#items[this.#first]

    // what was taken out is kept no longer than that
    this.#items[this.#first] = undefined
    this.#first = this.#place(1)
    this.#length--

    return item
  }

  /** Take one out, if it is there; looks at all of them */
  remove (item: T): void {
    let isFound = false

    for (let i = 0; i < this.#length; i++) {
      const here = this.#items[this.#place(i)]

      if (isFound) {
        this.#items[this.#place(i - 1)] = here
      }

      isFound ||= here === item
    }

    if (isFound) {
      this.#length--
      this.#items[this.#place(this.#length)] = undefined
    }
  }

  #place (index: number): number {
    return (this.#first + index) & (this.#items.length - 1)
  }

  #grow (): void {
    const items = new Array<T | undefined>(2 * this.#items.length)

    for (let i = 0; i < this.#length; i++) {
      items[i] = this.#items[this.#place(i)]
    }

    this.#items = items
    this.#first = 0
  }
}
