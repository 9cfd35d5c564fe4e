/** The mean spans this many lookups, so that a few keys with unusual neighbours change little, and a growing network is followed */
const WEIGHT_CAP = 20

/** A peer is near when it is at most so many bits further away than the k-th closest of earlier lookups. With fewer, more of the closest are missed; with more, more peers are asked for nothing. */
const MARGIN_BITS = Math.log2(1.75)

/**
 * Learns how far the k closest peers to a key reach. Kad ids are spread evenly, so this is about
 * the same for every key, and tells before a lookup has heard of anybody which peers are
 * likely among the k closest.
 */
export class Neighbourhood {
  #meanLog2 = 0
  #weight = 0

  /** Peers at a distance of up to 2 to the power of this are likely among the k closest; undefined before the first lookup */
  get nearLog2 (): number | undefined {
    return this.#weight === 0 ? undefined : this.#meanLog2 + MARGIN_BITS
  }

  /**
   * A lookup has ended
   *
   * @param log2 - The binary logarithm of the distance of the k-th closest; undefined when it did not find k
   */
  found (log2: number | undefined): void {
    if (log2 !== undefined) {
      this.#weight = Math.min(this.#weight + 1, WEIGHT_CAP)
      this.#meanLog2 += (log2 - this.#meanLog2) / this.#weight
    }
  }
}
