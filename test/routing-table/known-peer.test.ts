import { expect, test } from 'vitest'
import { placeOutsideCache, sparePlace } from '../../src/routing-table/known-peer.ts'
import { entryOf } from './memory-buckets.ts'
import type { KnownPeer } from '../../src/routing-table/known-peer.ts'

const PEER: KnownPeer<number> = { entry: entryOf(1), inBuckets: false, remembered: false, place: undefined, isIndexed: false }

test.each([
  [{ inBuckets: true, remembered: true }, 'unacceptable', 'bucket'],
  [{ remembered: true }, 'good', 'remembered'],
  [{ remembered: true }, 'neutral', undefined],
  [{}, 'good', undefined]
] as const)('a peer with %o that is %s has the place %s', (known, peerClass, place) => {
  expect(placeOutsideCache({ ...PEER, ...known }, peerClass)).toBe(place)
})

test('a peer that nothing is known of has none', () => {
  expect(placeOutsideCache(undefined, 'good')).toBeUndefined()
})

test.each([
  ['bucket', 'good', 'inside'],
  ['remembered', 'good', 'outside'],
  ['answered', 'neutral', 'outside'],
  ['named', 'neutral', 'named'],
  ['bucket', 'unacceptable', undefined],
  [undefined, 'good', undefined]
] as const)('a peer with the place %s that is %s can replace another from %s', (place, peerClass, spare) => {
  expect(sparePlace(place, peerClass)).toBe(spare)
})
