import { expect, test } from 'vitest'
import { believedNames } from '../../src/lookup/believed-names.ts'

const TARGET = Uint8Array.of(0)
const NAMES = [4, 1, 3, 2].map(distance => ({ kadId: Uint8Array.of(distance) }))

function believed (referral?: number, referralWeight = 20): number[] {
  return believedNames(NAMES, TARGET, referral === undefined ? undefined : { referral, referralWeight }).map(({ kadId }) => kadId[0])
}

test('all names of a peer that is not known are believed, and of one whose names answer now and then', () => {
  expect(believed()).toEqual([4, 1, 3, 2])
  expect(believed(0.9)).toEqual([4, 1, 3, 2])
  expect(believed(0.1)).toEqual([4, 1, 3, 2])
})

test('the closest two are, of a peer whose names hardly ever answer', () => {
  expect(believed(0.09)).toEqual([1, 2])
  expect(believed(0, 10)).toEqual([1, 2])
})

test('few failures do not count yet', () => {
  expect(believed(0, 9)).toEqual([4, 1, 3, 2])
})
