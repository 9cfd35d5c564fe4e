import { describe, expect, test } from 'vitest'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import type { LookupParametersInit } from '../../src/parameters/lookup-parameters.ts'

describe('validateLookupParameters', () => {
  test('fills in the defaults', () => {
    expect(validateLookupParameters({ k: 8, alpha: 3 })).toEqual({
      k: 8,
      alpha: 3,
      maxInFlight: 40,
      disjointPaths: 1,
      missedPeerMs: 60_000,
      maxProbes: 20,
      maxQueries: 1000
    })
  })

  test.each<[LookupParametersInit, string]>([
    [{ k: 0 }, 'k is 0, allowed is a whole number from 1 to 1000'],
    [{ alpha: 1.5 }, 'alpha is 1.5, allowed is a whole number from 1 to 1000'],
    [{ alpha: 41 }, 'alpha is 41, allowed is up to maxInFlight, 40'],
    [{ disjointPaths: 0 }, 'disjointPaths is 0, allowed is a whole number from 1 to 100'],
    [{ missedPeerMs: -1 }, 'missedPeerMs is -1, allowed is a number from 0 to 600000'],
    [{ missedPeerMs: NaN }, 'missedPeerMs is NaN, allowed is a number from 0 to 600000'],
    [{ maxQueries: Infinity }, 'maxQueries is Infinity, allowed is a whole number from 1 to 100000']
  ])('refuses %o and says what is allowed', (init, message) => {
    expect(() => validateLookupParameters(init)).toThrow(expect.objectContaining({
      name: 'InvalidParametersError',
      message: `lookup parameters: ${message}`
    }))
  })
})
