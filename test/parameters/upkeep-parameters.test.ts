import { describe, expect, test } from 'vitest'
import { UPKEEP_RULES, validateUpkeepParameters } from '../../src/parameters/upkeep-parameters.ts'

describe('upkeep parameters', () => {
  test('are the defaults, but for what is given', () => {
    const defaults = Object.fromEntries(Object.entries(UPKEEP_RULES).map(([name, rule]) => [name, rule.default]))

    expect(validateUpkeepParameters()).toEqual(defaults)
    expect(validateUpkeepParameters({ introductionsAtOnce: 9 })).toEqual({ ...defaults, introductionsAtOnce: 9 })
  })

  test('have defaults within their own ranges', () => {
    expect(() => validateUpkeepParameters(validateUpkeepParameters())).not.toThrow()
  })

  test('are refused by name', () => {
    expect(() => validateUpkeepParameters({ introductionsAtOnce: 0 })).toThrow('upkeep parameters: introductionsAtOnce is 0, allowed is a whole number from 1 to 1000')
  })
})
