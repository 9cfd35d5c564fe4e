/**
 * What came first is next. A `Set` would have to pass all the places that were left
 * before it finds its first one.
 */
export class Fifo<T> {
  #items: T[] = []
  /** Places in front that were left */
  #empty = 0

  get length (): number {
    return this.#items.length - this.#empty
  }

  push (item: T): void {
    this.#items.push(item)
  }

  /** Take out the one that came first */
  pop (): T | undefined {
    if (this.length === 0) {
      return undefined
    }

    const item = this.#items[this.#empty++]

    // what was taken out is kept no longer than that
    if (this.#empty > this.length) {
      this.#items = this.#items.slice(this.#empty)
      this.#empty = 0
    }

    return item
  }

  /** Take one out, if it is there; looks at all of them */
  remove (item: T): void {
    const place = this.#items.indexOf(item, this.#empty)

    if (place !== -1) {
      this.#items.splice(place, 1)
    }
  }
}
