import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundsOf, parsePrefix, prefixText, WHOLE_KEYSPACE } from '../../../src/persistence/published/keyspace-prefix.ts'

describe('a prefix of the keyspace', () => {
  test.each<[string, number[], number[] | undefined]>([
    ['0', [0x00], [0x80]],
    ['1', [0x80], undefined],
    ['0110', [0x60], [0x70]],
    ['0111', [0x70], [0x80]],
    ['1111', [0xf0], undefined],
    ['01100001', [0x61], [0x62]],
    ['0110000111', [0x61, 0xc0], [0x62, 0x00]],
    ['011111111', [0x7f, 0x80], [0x80, 0x00]]
  ])('%s has its bounds', (text, gte, lt) => {
    expect(boundsOf(parsePrefix(text))).toEqual({ gte: Uint8Array.from(gte), ...lt !== undefined && { lt: Uint8Array.from(lt) } })
    expect(prefixText(parsePrefix(text))).toBe(text)
  })

  test('of no bits has no bounds', () => {
    expect(boundsOf(WHOLE_KEYSPACE)).toEqual({})
    expect(prefixText(WHOLE_KEYSPACE)).toBe('')
  })

  test('has a kad id between its bounds when the kad id begins with its bits, and no other', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(32), fc.nat(32), (bits, other, length, shared) => {
      // random ones share nearly nothing
      const kadId = parsePrefix(prefixText({ bits, length: shared }) + prefixText({ bits: other, length: 32 - shared })).bits
      const { gte, lt } = boundsOf({ bits, length })
      const isWithin = (gte === undefined || Buffer.compare(kadId, gte) >= 0) && (lt === undefined || Buffer.compare(kadId, lt) < 0)

      expect(isWithin).toBe(prefixText({ bits: kadId, length }) === prefixText({ bits, length }))
    }), { numRuns: 1_000 })
  })

  test.each([-1, 0.5, 9, NaN])('can not have %d of 8 bits', length => {
    expect(() => boundsOf({ bits: new Uint8Array(1), length })).toThrow(RangeError)
    expect(() => prefixText({ bits: new Uint8Array(1), length })).toThrow(RangeError)
  })
})
