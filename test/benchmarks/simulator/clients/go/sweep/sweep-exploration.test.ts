import { expect, test } from 'vitest'
import { SweepExploration } from '../../../../../../benchmarks/simulator/clients/go/sweep/sweep-exploration.ts'
import { seededRandom } from '../../../../../../benchmarks/random/seeded-random.ts'
import { compareDistance } from '../../../../../../src/keyspace/xor-distance.ts'
import { Region } from '../../../../../../src/publish/region.ts'

const ORDER = Uint8Array.of(0b1010_1010, 0)

function prefix (bits: string): Region {
  return new Region(Uint8Array.of(Number.parseInt(bits.padEnd(8, '0'), 2), 0), bits.length)
}

/** Explores with lookups that tell the truth, or what is given */
function explore (peers: number[], bits: string, k: number, closestOf?: (lookup: number) => number[]): { found: number[], covered: string, lookups: number } {
  const entries = peers.map(peer => ({ peer, kadId: Uint8Array.of(peer, 0) }))
  let result: { found: number[], covered: string } | undefined
  let lookups = 0

  new SweepExploration({
    prefix: prefix(bits),
    order: ORDER,
    k,
    random: seededRandom(1, 'sweep'),
    lookUp: (target, done) => {
      const given = closestOf?.(lookups)
      lookups++

      done(given === undefined
        ? entries.toSorted((a, b) => compareDistance(target, a.kadId, b.kadId)).slice(0, k)
        : given.map(peer => ({ peer, kadId: Uint8Array.of(peer, 0) })))
    },
    onEnd: (peers, prefix) => { result = { found: peers.map(({ peer }) => peer).sort((a, b) => a - b), covered: `${prefix}` } }
  }).start()

  expect(result).toBeDefined()

  return { ...result as { found: number[], covered: string }, lookups }
}

const EVEN = Array.from({ length: 128 }, (_, index) => 2 * index)

test('finds all peers under the prefix', () => {
  const { found, covered } = explore(EVEN, '01', 8)

  expect(covered).toBe('01')
  expect(found.filter(peer => peer >> 6 === 1)).toEqual(EVEN.filter(peer => peer >> 6 === 1))
})

test('takes a shorter prefix where too few peers lie under it', () => {
  expect(explore(EVEN, '011111', 8)).toMatchObject({ covered: '0111' })
  // all of them are in the other half
  expect(explore([128, 129, 130, 131], '0', 3)).toMatchObject({ covered: '' })
})

test('ends when two lookups in a row find nobody new', () => {
  // the first finds 0, the second the other, and then nobody is in the other gaps
  expect(explore(EVEN, '0', 4, () => [0, 1])).toEqual({ found: [0, 1], covered: '', lookups: 4 })
})

test('makes no more than 64 lookups', () => {
  // each finds some of a large network, so that it covers next to nothing
  const crowd = Array.from({ length: 200 }, (_, index) => index)

  expect(explore(crowd, '', 2).lookups).toBe(64)
})

test('gives nobody when a lookup finds nobody', () => {
  expect(explore([], '0', 4)).toMatchObject({ found: [], covered: '0' })
})

test('ends in a network of one peer', () => {
  expect(explore([77], '0', 4)).toMatchObject({ found: [77], covered: '' })
})
