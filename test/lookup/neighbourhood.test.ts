import { expect, test } from 'vitest'
import { Neighbourhood } from '../../src/lookup/neighbourhood.ts'

test('nobody is known to be near before the first lookup, nor after one that found too few', () => {
  const neighbourhood = new Neighbourhood()
  neighbourhood.found(undefined)

  expect(neighbourhood.nearLog2).toBeUndefined()
})

test('a peer is near up to 1.75 times the distance of the k-th, in the geometric mean of the lookups', () => {
  const neighbourhood = new Neighbourhood()
  ;[10, 12, 14].forEach(log2 => { neighbourhood.found(log2) })

  expect(2 ** (neighbourhood.nearLog2 ?? NaN)).toBeCloseTo(1.75 * 2 ** 12, 6)
})

test('one lookup with unusual neighbours changes little, and a network that grows is followed', () => {
  const neighbourhood = new Neighbourhood()
  const near = (): number => (neighbourhood.nearLog2 ?? NaN) - Math.log2(1.75)
  new Array(100).fill(240).forEach((log2: number) => { neighbourhood.found(log2) })
  neighbourhood.found(220)

  expect(near()).toBeCloseTo(239, 6)

  new Array(100).fill(236).forEach((log2: number) => { neighbourhood.found(log2) })

  expect(near()).toBeCloseTo(236, 1)
})
