import { compare } from 'uint8arrays/compare'
import { commonPrefixLength } from '../keyspace/common-prefix-length.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'

/**
 * Keys that have the same k closest peers
 */
export interface HolderGroup<P, T> {
  keys: T[]
  /** By kad id */
  holders: P[]
}

/**
 * The k closest peers to each of many keys.
 *
 * All keys start with all peers. Where the peers that are left to choose from differ in a bit, the
 * keys part ways: each keeps those that have the same bit as itself. Where these are too few, all of
 * them are its holders, and the rest are chosen among the others. Keys that never part share one
 * list. So a key costs a few steps, and not the sorting of all peers.
 *
 * @param keys - In any order
 * @param peers - In any order
 * @param k - 1 or more
 * @returns Each key in one group. Where fewer than k peers are given, all are holders.
 */
export function assignHolders<P, T extends { kadId: KadId }> (keys: readonly T[], peers: ReadonlyArray<KBucketEntry<P>>, k: number): Array<HolderGroup<P, T>> {
  const sorted = peers.toSorted((a, b) => compare(a.kadId, b.kadId))
  const groups: Array<HolderGroup<P, T>> = []

  part(keys, [], { from: 0, to: sorted.length }, k)

  return groups

  /**
   * @param chosen - Runs of the sorted peers that are holders of all these keys
   * @param rest - The run that the others are chosen from. Its peers share a prefix, so that none is known to be closer than another.
   */
  function part (keys: readonly T[], chosen: Run[], rest: Run, missing: number): void {
    const { from, to } = rest

    if (keys.length === 0) {
      return
    }

    if (to - from <= missing) {
      const runs = [...chosen, rest].sort((a, b) => a.from - b.from)

      groups.push({ keys: [...keys], holders: runs.flatMap(({ from, to }) => sorted.slice(from, to).map(({ peer }) => peer)) })
      return
    }

    const bit = commonPrefixLength(sorted[from].kadId, sorted[to - 1].kadId)

    if (bit === sorted[from].kadId.length * 8) {
      // they have the same kad id, so that any of them will do
      part(keys, chosen, { from, to: from + missing }, missing)
      return
    }

    const middle = firstWith(bit, sorted, rest)
    const zero = { from, to: middle }
    const one = { from: middle, to }

    choose(keys.filter(({ kadId }) => !hasBit(kadId, bit)), zero, one)
    choose(keys.filter(({ kadId }) => hasBit(kadId, bit)), one, zero)

    function choose (keys: T[], near: Run, far: Run): void {
      const size = near.to - near.from

      if (size < missing) {
        part(keys, [...chosen, near], far, missing - size)
      } else {
        part(keys, chosen, near, missing)
      }
    }
  }
}

/** Sorted peers in a row; `to` is behind the last */
interface Run {
  from: number
  to: number
}

/** The first peer of the run that has a 1 in this bit, which all with a 1 follow */
function firstWith<P> (bit: number, sorted: ReadonlyArray<KBucketEntry<P>>, { from, to }: Run): number {
  let low = from
  let high = to

  while (low < high) {
    const middle = (low + high) >> 1

    if (hasBit(sorted[middle].kadId, bit)) {
      high = middle
    } else {
      low = middle + 1
    }
  }

  return low
}

function hasBit (kadId: KadId, bit: number): boolean {
  return (kadId[bit >> 3] >> (7 - (bit & 7)) & 1) === 1
}
