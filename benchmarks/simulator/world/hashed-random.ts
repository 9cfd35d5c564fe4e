import type { Random } from '../../random/random.ts'

/**
 * Random numbers that need no storage and no order. Each is a hash of the seed, of what
 * it decides, and of up to three integers such as a node or a count. It depends on
 * nothing else.
 *
 * The hash is MurmurHash3 (Appleby, 2011), its 32-bit variant, over those integers.
 */
export class HashedRandom {
  readonly #state: number

  /**
   * @param seed - The seed of the run, a safe integer
   * @param label - What the numbers decide. Another label gives other numbers.
   */
  constructor (seed: number, label: string) {
    let state = mix(mix(0, seed), Math.floor(seed / 2 ** 32))

    for (let i = 0; i < label.length; i++) {
      state = mix(state, label.charCodeAt(i))
    }

    this.#state = state
  }

  /** A uniform integer, 0 to 2^32 - 1 */
  word (a: number, b = 0, c = 0): number {
    let hash = mix(mix(mix(this.#state, a), b), c)

    hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b)
    hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35)

    return (hash ^ hash >>> 16) >>> 0
  }

  /** Uniform in (0, 1), so that its logarithm and the logarithm of 1 minus it are finite */
  uniform (a: number, b = 0, c = 0): number {
    return (this.word(a, b, c) + 0.5) / 2 ** 32
  }

  /** Standard normal, by the method of Box and Muller. It uses the uniform numbers `2 * b` and `2 * b + 1` of `a`. */
  normal (a: number, b = 0): number {
    return Math.sqrt(-2 * Math.log(this.uniform(a, 2 * b))) * Math.cos(2 * Math.PI * this.uniform(a, 2 * b + 1))
  }

  /**
   * A source of uniform numbers, one after another, for code that needs an unknown count
   * of them
   */
  sequence (a: number): Random {
    let count = 0

    return () => this.uniform(a, count++, 1)
  }
}

function mix (state: number, value: number): number {
  let block = Math.imul(value, 0xcc9e2d51)
  block = Math.imul(block << 15 | block >>> 17, 0x1b873593)
  const mixed = state ^ block

  return Math.imul(mixed << 13 | mixed >>> 19, 5) + 0xe6546b64 | 0
}
