import { describe, expect, test } from 'vitest'
import { BULK_RULES, validateBulkParameters } from '../../src/parameters/bulk-parameters.ts'
import type { BulkParametersInit } from '../../src/parameters/bulk-parameters.ts'

describe('validateBulkParameters', () => {
  test('fills in the defaults', () => {
    expect(validateBulkParameters({ peersAtOnce: 3 }, 20)).toEqual({
      lookupsAtOnce: 2,
      peersAtOnce: 3,
      recordsPerSend: 500,
      leastHolders: 10,
      regionsAtOnce: 2,
      cycleMs: 22 * 3_600_000
    })
  })

  test('has the rules of k = 20', () => {
    const defaults = Object.fromEntries(Object.entries(BULK_RULES).map(([name, rule]) => [name, rule.default]))

    expect(validateBulkParameters({}, 20)).toEqual(defaults)
  })

  test.each([[1, 1], [5, 3], [20, 10]])('wants half of k = %i holders at least, rounded up: %i', (k, leastHolders) => {
    expect(validateBulkParameters({}, k)).toMatchObject({ leastHolders })
    expect(validateBulkParameters({ leastHolders: undefined }, k)).toMatchObject({ leastHolders })
  })

  test.each<[BulkParametersInit, string]>([
    [{ lookupsAtOnce: 0 }, 'lookupsAtOnce is 0, allowed is a whole number from 1 to 100'],
    [{ peersAtOnce: 1.5 }, 'peersAtOnce is 1.5, allowed is a whole number from 1 to 1000'],
    [{ recordsPerSend: NaN }, 'recordsPerSend is NaN, allowed is a whole number from 1 to 100000'],
    [{ leastHolders: 0 }, 'leastHolders is 0, allowed is a whole number from 1 to 1000'],
    [{ leastHolders: 21 }, 'leastHolders is 21, allowed is up to k, 20'],
    [{ regionsAtOnce: Infinity }, 'regionsAtOnce is Infinity, allowed is a whole number from 1 to 100'],
    [{ cycleMs: 1 }, 'cycleMs is 1, allowed is a whole number from 60000 to 2592000000']
  ])('refuses %o and says what is allowed', (init, message) => {
    expect(() => validateBulkParameters(init, 20)).toThrow(expect.objectContaining({
      name: 'InvalidParametersError',
      message: `bulk parameters: ${message}`
    }))
  })
})
