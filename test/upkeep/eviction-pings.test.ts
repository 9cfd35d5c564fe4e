import { expect, test } from 'vitest'
import { evictionPings } from '../../src/upkeep/eviction-pings.ts'

const BUCKET = ['a', 'b', 'c', 'd', 'e']

function pinged (old: string[], poor: string[]): string[] {
  return evictionPings({ evictionCandidates: (peers, n) => poor.filter(peer => peers.includes(peer)).slice(0, n) }, BUCKET, old, 0)
}

test('go to the old ones where nobody is poor', () => {
  expect(pinged(['c', 'a'], [])).toEqual(['c', 'a'])
})

test('go to the poor ones before the old ones, and to no more than there are old ones', () => {
  expect(pinged(['c', 'a'], ['e'])).toEqual(['e'])
  expect(pinged(['c', 'a'], ['e', 'b', 'd'])).toEqual(['e', 'b'])
})

test('go to nobody while nobody is old', () => {
  expect(pinged([], ['e'])).toEqual([])
})
