import { describe, expect, test } from 'vitest'
import { checkParameters } from '../../src/parameters/check-parameters.ts'
import { InvalidParametersError } from '../../src/parameters/invalid-parameters-error.ts'

const RULES = {
  share: { default: 0.5, min: 0, max: 1 },
  count: { default: 3, min: 1, max: 10, integer: true }
}

function check (init: object): { share: number, count: number } {
  return checkParameters('the parameters', RULES, init)
}

describe('parameters', () => {
  test.each([
    [{}, { share: 0.5, count: 3 }],
    [{ share: undefined, count: 4 }, { share: 0.5, count: 4 }],
    [{ share: 0, count: 1 }, { share: 0, count: 1 }],
    [{ share: 1, count: 10 }, { share: 1, count: 10 }]
  ])('given as %o are %o', (init, parameters) => {
    expect(check(init)).toEqual(parameters)
  })

  test.each<[object, string]>([
    [{ share: 1.1 }, 'share is 1.1, allowed is a number from 0 to 1'],
    [{ share: -0.1 }, 'share is -0.1, allowed is a number from 0 to 1'],
    [{ share: NaN }, 'share is NaN, allowed is a number from 0 to 1'],
    [{ share: null }, 'share is null, allowed is a number from 0 to 1'],
    [{ share: '0.5' }, 'share is "0.5", allowed is a number from 0 to 1'],
    [{ share: {} }, 'share is of type object, allowed is a number from 0 to 1'],
    [{ count: 2.5 }, 'count is 2.5, allowed is a whole number from 1 to 10'],
    [{ count: 11 }, 'count is 11, allowed is a whole number from 1 to 10'],
    [{ Share: 0.5 }, 'there is no parameter Share, only share, count'],
    [{ toString: 1 }, 'there is no parameter toString, only share, count']
  ])('given as %o are refused', (init, message) => {
    expect(() => check(init)).toThrow(new InvalidParametersError(`the parameters: ${message}`))
  })
})
