/**
 * Uniform random numbers from 0 to below 1 that depend on the seed alone (Mulberry32).
 * They are written out here so that users of the suites need not install a package for them.
 */
export function seededRandom (seed: number): () => number {
  let state = seed

  return () => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)

    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}
