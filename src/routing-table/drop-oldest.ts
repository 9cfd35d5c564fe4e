/** How many entries one call looks at */
const MAX_LOOKS = 100

/**
 * Drop the oldest entries of a map that holds more than `max`, but none that has to stay.
 * Such an entry moves to the end. To pass 50,000 of them at once would take 20 ms, so each
 * call looks at a hundred entries. Called for each entry that is added, this lets the map hold
 * more than `max` for a while: one entry for each hundred that have to stay.
 *
 * @param entries - The oldest first
 * @param keeps - Whether an entry has to stay
 */
export function dropOldest<K> (entries: Map<K, unknown>, max: number, keeps: (key: K) => boolean): void {
  let looks = 0

  for (const [key, value] of entries) {
    if (entries.size <= max || looks++ === MAX_LOOKS) {
      return
    }

    entries.delete(key)

    if (keeps(key)) {
      entries.set(key, value)
    }
  }
}
