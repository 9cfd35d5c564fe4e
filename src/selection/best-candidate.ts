import { xorWindow } from './xor-window.ts'
import type { Candidate } from './peer-selector.ts'

// a peer knows about k peers around itself, so the closest that it names are log2(k)
// bits closer than it is; k = 20
const BITS_PER_ANSWER = Math.log2(20)

// the score counts twice: a peer that does not answer brings no progress, and it costs its
// whole deadline, which is some times its expected wait
const SCORE_EXPONENT = 2

/**
 * The candidate within the XOR window with the most expected progress per expected wait.
 * Among equals it is the closest.
 *
 * @param candidates - At least one, sorted by ascending XOR distance
 * @param bitsBehind - What `xorWindow` returns for these candidates
 * @returns The index of the candidate
 */
export function bestCandidate (candidates: readonly Candidate[], bitsBehind: readonly number[] = xorWindow(candidates)): number {
  const values = bitsBehind.map((bits, index) => value(candidates[index], bits))

  return values.indexOf(Math.max(...values))
}

/** Expected progress per expected wait, bits per ms */
function value ({ score, expectedWaitMs }: Candidate, bitsBehind: number): number {
  return score ** SCORE_EXPONENT * (BITS_PER_ANSWER - bitsBehind) / expectedWaitMs
}
