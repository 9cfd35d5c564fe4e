import { describe, expect, test } from 'vitest'
import { validateRoutingTableParameters } from '../../src/parameters/routing-table-parameters.ts'
import { InvalidParametersError } from '../../src/parameters/invalid-parameters-error.ts'
import { placesOf } from '../routing-table/places-of.ts'

describe('routing table parameters', () => {
  test('have defaults', () => {
    expect(validateRoutingTableParameters({ k: 8 })).to.deep.equal({ k: 8, minGoodPeers: 20, maxReplacements: 1000, maxNamedPeers: 20_000 })
  })

  test.each([
    { init: { k: 0 }, message: 'k is 0, allowed is a whole number from 1 to 1000' },
    { init: { k: NaN }, message: 'k is NaN' },
    { init: { k: 1.5 }, message: 'k is 1.5' },
    { init: { minGoodPeers: -1 }, message: 'minGoodPeers is -1, allowed is a whole number from 0 to 100000' },
    { init: { maxReplacements: Infinity }, message: 'maxReplacements is Infinity, allowed is a whole number from 0 to 1000000' }
  ])('are refused: $message', ({ init, message }) => {
    expect(() => validateRoutingTableParameters(init)).to.throw(InvalidParametersError, message)
    expect(() => placesOf({}, init)).to.throw(InvalidParametersError, message)
  })
})
