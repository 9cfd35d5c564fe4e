import { xorWindow } from './xor-window.ts'
import type { Candidate } from './peer-selector.ts'

// a peer knows about k peers around itself, so the closest that it names are log2(k)
// bits closer than it is; k = 20
const BITS_PER_ANSWER = Math.log2(20)

// one that does not answer brings nothing (once) and takes its whole deadline, some
// times the expected wait (twice)
const SCORE_EXPONENT = 2

/**
 * Which candidate within the XOR window promises the most progress per wait, the
 * closest among equals.
 *
 * @param candidates - At least one, sorted by ascending XOR distance
 * @param bitsBehind - What `xorWindow` says of them
 * @returns Its index
 */
export function bestCandidate (candidates: readonly Candidate[], bitsBehind: readonly number[] = xorWindow(candidates)): number {
  const values = bitsBehind.map((bits, index) => value(candidates[index], bits))

  return values.indexOf(Math.max(...values))
}

/** Expected progress per expected wait, bits per ms */
function value ({ score, expectedWaitMs }: Candidate, bitsBehind: number): number {
  return score ** SCORE_EXPONENT * (BITS_PER_ANSWER - bitsBehind) / expectedWaitMs
}
