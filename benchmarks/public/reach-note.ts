import { OBSTACLES } from './named-peers.ts'
import type { Reach } from './named-peers.ts'

/**
 * The sentence that tells how many of the peers that were named could not be dialled, and why
 *
 * @param reaches - What each arm knows of each peer, by its printable id
 */
export function reachNote (reaches: ReadonlyArray<Array<[string, Reach]>>): string {
  const merged = new Map<string, Reach>()

  for (const [peer, reach] of reaches.flat()) {
    // another arm may have been told of another address
    if (merged.get(peer) !== 'dialable') {
      merged.set(peer, reach)
    }
  }

  const counts = Map.groupBy(merged.values(), reach => reach)
  const undialable = merged.size - (counts.get('dialable')?.length ?? 0)

  if (undialable === 0) {
    return `All ${merged.size} peers that were named can be dialled from here.`
  }

  const reasons = Object.entries(OBSTACLES)
    .map(([obstacle, words]) => ({ words, count: counts.get(obstacle as Reach)?.length ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${count} ${words}`)

  return `Of ${merged.size} peers that were named, ${undialable} can't be dialled from here: ${reasons.join(', ')}. No arm can find these, and recall leaves them out.`
}
