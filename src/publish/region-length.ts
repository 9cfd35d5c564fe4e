/** A longer prefix would need a network of hundreds of millions of servers */
const MAX_LENGTH = 24

/** So many times k peers lie under a region at least. With fewer many regions would have to become their parents. */
const LEAST_PER_K = 2

/**
 * How long the prefix of a region should be, so that 2 k to 4 k of the servers lie under it.
 *
 * @param servers - How many servers the network has, as estimated
 * @param k - How many peers a key is stored on
 * @returns Bits, from 0, the whole keyspace, where there are fewer than 4 k servers, to 24
 */
export function regionLength (servers: number, k: number): number {
  let length = 0

  while (length < MAX_LENGTH && servers / 2 ** (length + 1) >= LEAST_PER_K * k) {
    length++
  }

  return length
}
