/**
 * At most `max` items of a list, in the order of the list. Each group gives as many as any
 * other, as far as it has them, so that a long group at the front does not hide the others.
 */
export function fairShare<T> (items: readonly T[], max: number, groupOf: (item: T) => string): readonly T[] {
  if (items.length <= max) {
    return items
  }

  const groups = [...Map.groupBy(items.map((item, index) => ({ item, index })), ({ item }) => groupOf(item)).values()]
  const kept: Array<{ item: T, index: number }> = []

  for (let round = 0; kept.length < max; round++) {
    kept.push(...groups.filter(({ length }) => length > round).map(group => group[round]).slice(0, max - kept.length))
  }

  return kept.sort((a, b) => a.index - b.index).map(({ item }) => item)
}
