import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import type { Random } from './random.ts'

/**
 * A source of uniform random numbers in [0, 1). It depends on nothing but its arguments.
 * Every decision of a benchmark has a source of its own, so that no decision changes when
 * another one takes more or fewer numbers.
 *
 * @param seed - The seed of the run
 * @param label - What the numbers decide, with the peer or key that they are for
 */
export function seededRandom (seed: number, ...label: Array<string | number>): Random {
  const digest = createHash('sha256').update(JSON.stringify([seed, ...label])).digest()
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map(offset => digest.readInt32LE(offset)))

  return () => uniformFloat64(generator)
}
