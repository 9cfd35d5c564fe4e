import { seededRandom } from '../../random/seeded-random.ts'

export interface LinkRttOptions {
  seed: number
  /** Median round trip time over all links, ms */
  rttMs: number
  /** Standard deviation of the round trip time's logarithm. At 0.5, nine links in ten lie between 0.44 and 2.3 times the median. */
  sigma: number
}

/**
 * Round trip time between the clients and a peer, ms. It is log-normal over the peers,
 * constant for one peer, and the same for all arms.
 *
 * @param peer - Printable peer id
 */
export function linkRtt (peer: string, { seed, rttMs, sigma }: LinkRttOptions): number {
  const random = seededRandom(seed, 'rtt', peer)

  // the method of Box and Muller. 1 - random() lies in (0, 1], so its logarithm is finite.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

  return rttMs * Math.exp(sigma * normal)
}
