const PRIME = 0x01000193
const OFFSETS = [0x811c9dc5, 0x6c62272e]

/**
 * A running hash of everything that happens in a simulation: FNV-1a over words, in two
 * lanes. Two runs with the same hash did the same.
 */
export class TraceHash {
  readonly #lanes = Uint32Array.from(OFFSETS)
  readonly #value = new Float64Array(1)
  readonly #words = new Uint32Array(this.#value.buffer)

  /** Add numbers to the hash. Their order matters. */
  add (...values: number[]): void {
    for (const value of values) {
      this.#value[0] = value
      this.#mix(this.#words[0])
      this.#mix(this.#words[1])
    }
  }

  /** 16 hexadecimal digits */
  toString (): string {
    return [...this.#lanes].map(lane => lane.toString(16).padStart(8, '0')).join('')
  }

  #mix (word: number): void {
    this.#lanes[0] = Math.imul(this.#lanes[0] ^ word, PRIME)
    // the second lane gets the words rotated, so that a collision in one lane is none in the other
    this.#lanes[1] = Math.imul(this.#lanes[1] ^ (word << 13 | word >>> 19), PRIME)
  }
}
