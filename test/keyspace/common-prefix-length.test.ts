import { describe, expect, test } from 'vitest'
import { commonPrefixLength } from '../../src/keyspace/common-prefix-length.ts'

describe('common prefix length', () => {
  test.each([
    { a: [0b00000000], b: [0b10000000], bits: 0 },
    { a: [0b10000000], b: [0b10000001], bits: 7 },
    { a: [0b10100000], b: [0b10111111], bits: 3 },
    { a: [0xab, 0b01000000], b: [0xab, 0b00000000], bits: 9 },
    { a: [0xab, 0xcd], b: [0xab, 0xcd], bits: 16 }
  ])('of $a and $b is $bits bits', ({ a, b, bits }) => {
    expect(commonPrefixLength(Uint8Array.from(a), Uint8Array.from(b))).to.equal(bits)
    expect(commonPrefixLength(Uint8Array.from(b), Uint8Array.from(a))).to.equal(bits)
  })
})
