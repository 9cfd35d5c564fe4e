import { log2Distance } from '../keyspace/log2-distance.ts'
import type { Candidate } from './peer-selector.ts'

// a peer that is three bits further from the target names peers that are about
// three bits further: less than the 4.3 bits (log2 of k = 20) that one answer gains,
// so even the worst choice gets closer
const WINDOW_BITS = 3

// as many as Kademlia's k: more of them could not end up in the result
const WINDOW_SIZE = 20

/**
 * Which candidates are close enough to be chosen: of the first 20, those at most 3
 * bits further from the target than the closest.
 *
 * @param candidates - Sorted by ascending XOR distance
 * @returns For each of them in turn, how many bits it is further than the closest, 0 to 3
 */
export function xorWindow (candidates: readonly Candidate[]): number[] {
  const bits = candidates.slice(0, WINDOW_SIZE).map(candidate => log2Distance(candidate.distance))

  return bits
    .map(ownBits => ownBits - bits[0])
    .filter(bitsBehind => bitsBehind <= WINDOW_BITS)
}
