/**
 * The items one after the other, over and over
 *
 * @param items - At least one
 */
export function cycle<T> (items: readonly T[]): () => T {
  let next = 0

  return () => {
    const item = items[next]

    next = (next + 1) % items.length

    return item
  }
}
