/**
 * A map in the order of the last change, the oldest first, with the key that changed longest
 * ago at hand
 */
export class RecordsByChange<K, V> {
  readonly #records = new Map<K, V>()
  // the iterator stays at the front, since each key that it yields is removed; a new iterator
  // for each would first have to pass all deleted places of the map
  #stalestFirst: Iterator<K, unknown> | undefined
  #changesSinceStalest = 0

  get size (): number {
    return this.#records.size
  }

  get (key: K): V | undefined {
    return this.#records.get(key)
  }

  has (key: K): boolean {
    return this.#records.has(key)
  }

  entries (): IterableIterator<[K, V]> {
    return this.#records.entries()
  }

  values (): IterableIterator<V> {
    return this.#records.values()
  }

  delete (key: K): boolean {
    return this.#records.delete(key)
  }

  /** The record is the one that changed last, whether it was here or not */
  set (key: K, record: V): void {
    this.#records.delete(key)
    this.#records.set(key, record)

    // an iterator that is not used keeps every old table of the map in memory
    if (++this.#changesSinceStalest > this.#records.size) {
      this.#stalestFirst = undefined
      this.#changesSinceStalest = 0
    }
  }

  /** The key whose record changed longest ago; undefined when there is none. The caller removes it. */
  stalest (): K | undefined {
    this.#stalestFirst ??= this.#records.keys()
    const next = this.#stalestFirst.next()

    return next.done === true ? undefined : next.value
  }
}
