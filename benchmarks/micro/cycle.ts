/**
 * Gives the items one after the other, and starts again after the last one
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
