import { compare } from 'uint8arrays/compare'
import type { Candidate } from '../selection/peer-selector.ts'

/** How many candidates a list has at most */
const MAX_CANDIDATES = 60

/**
 * A candidate at a distance of one byte
 */
export function candidate (distance: number, score = 0.5, expectedWaitMs = 100): Candidate {
  return { distance: Uint8Array.of(distance), score, expectedWaitMs }
}

/**
 * A random list of candidates, of a kind that a lookup could offer. It may have ties in distance, score and wait.
 */
export function anyCandidates (random: () => number): Candidate[] {
  const below = (count: number): number => Math.floor(random() * count)
  // with few bits many candidates are equally far; with many bits the XOR window holds only some of them
  const bits = 1 + below(16)

  return Array.from({ length: 1 + below(MAX_CANDIDATES) }, () => {
    const distance = below(2 ** bits)

    return {
      distance: Uint8Array.of(distance >> 8, distance & 0xff),
      score: [0, 0.5, 1, random()][below(4)],
      expectedWaitMs: [100, 1 + 60_000 * random()][below(2)]
    }
  }).sort((a, b) => compare(a.distance, b.distance))
}
