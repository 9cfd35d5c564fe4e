import { describe, expect, test } from 'vitest'
import { requestTimeouts } from '../../src/parameters/request-timeouts.ts'

describe('the bounds of the time for a request', () => {
  test.each([
    [undefined, { minMs: 5_000, maxMs: 60_000 }],
    [{}, { minMs: 5_000, maxMs: 60_000 }],
    [{ minTimeout: 100 }, { minMs: 100, maxMs: 60_000 }],
    [{ maxTimeout: 1_000 }, { minMs: 1_000, maxMs: 1_000 }],
    [{ minTimeout: 2_000, maxTimeout: 3_000 }, { minMs: 2_000, maxMs: 3_000 }],
    [{ minTimeout: 4_000, maxTimeout: 3_000 }, { minMs: 3_000, maxMs: 3_000 }]
  ])('that %o sets are %o', (option, bounds) => {
    expect(requestTimeouts(option)).toEqual(bounds)
  })
})
