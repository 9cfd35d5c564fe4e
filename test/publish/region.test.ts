import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Region } from '../../src/publish/region.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { regionOf } from './region-of.ts'

const kadId = fc.uint8Array({ minLength: 1, maxLength: 1 })
const region = fc.tuple(kadId, fc.nat(8)).map(([kadId, length]) => new Region(kadId, length))
const ALL = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))

function bytesIn (...regions: Region[]): number[] {
  return ALL.filter(kadId => regions.some(region => region.contains(kadId))).map(([byte]) => byte)
}

describe('a region', () => {
  test('is the prefix of a kad id, the rest zero', () => {
    expect(new Region(Uint8Array.of(0b10110111), 4)).toMatchObject({ bits: Uint8Array.of(0b10110000), length: 4 })
    expect(new Region(Uint8Array.of(0xff, 0xff, 0xff), 11).bits).toEqual(Uint8Array.of(0xff, 0b11100000, 0))
    expect(new Region(Uint8Array.of(0xff), 0).bits).toEqual(Uint8Array.of(0))
    expect(new Region(Uint8Array.of(0xff), 8).bits).toEqual(Uint8Array.of(0xff))
  })

  test('leaves the array that it is made of as it was', () => {
    const kadId = Uint8Array.of(0xff)
    expect(new Region(kadId, 2).children[0].bits).toEqual(Uint8Array.of(0b11000000))
    expect(kadId).toEqual(Uint8Array.of(0xff))
  })

  test('contains the kad ids under its prefix, and no other', () => {
    expect(bytesIn(regionOf('0110'))).toEqual(Array.from({ length: 16 }, (_, i) => 0b01100000 + i))
    expect(bytesIn(regionOf(''))).toHaveLength(256)
    expect(bytesIn(regionOf('01101111'))).toEqual([0b01101111])
  })

  test('lies between its lowest and its highest kad id', () => {
    fc.assert(fc.property(region, region => {
      const bytes = bytesIn(region)

      expect(region.bits).toEqual(Uint8Array.of(bytes[0]))
      expect(region.last).toEqual(Uint8Array.of(bytes[bytes.length - 1]))
    }))
  })

  test('touches those that lie within it, and those that it lies within', () => {
    fc.assert(fc.property(region, region, (a, b) => {
      const shared = new Set(bytesIn(b))

      expect(a.touches(b)).toBe(bytesIn(a).some(byte => shared.has(byte)))
    }))
    expect(regionOf('011').touches(regionOf('0110'))).toBe(true)
    expect(regionOf('0110').touches(regionOf('011'))).toBe(true)
  })

  test('has two halves, and is the parent of both', () => {
    expect(regionOf('011').children.map(String)).toEqual(['0110', '0111'])
    expect(regionOf('0110').parent).toEqual(regionOf('011'))
    expect(regionOf('0111').parent).toEqual(regionOf('011'))
    expect(regionOf('').children.map(String)).toEqual(['0', '1'])
    expect(regionOf('').parent).toBeUndefined()
    expect(regionOf('11111111', 2).children.map(String)).toEqual(['111111110', '111111111'])
  })

  test('is written bit by bit', () => {
    expect(`${regionOf('0110')}`).toBe('0110')
    expect(`${regionOf('')}`).toBe('')
    expect(`${regionOf('0110101100', 32)}`).toBe('0110101100')
  })

  test('refuses a length that no prefix has', () => {
    expect(() => new Region(Uint8Array.of(0), 9)).toThrow(RangeError)
    expect(() => new Region(Uint8Array.of(0), -1)).toThrow(RangeError)
    expect(() => new Region(Uint8Array.of(0), 1.5)).toThrow(RangeError)
    expect(() => regionOf('01101111').children).toThrow('A region of 9 bits among kad ids of 8 bits')
  })

  test('gives a kad id at random, each of its own', () => {
    const random = seededRandom(1)
    const drawn = new Set(Array.from({ length: 400 }, () => regionOf('0110').randomKadId(random)[0]))

    expect([...drawn].sort((a, b) => a - b)).toEqual(bytesIn(regionOf('0110')))
    expect(regionOf('', 32).randomKadId(random)).toHaveLength(32)
  })
})

describe('what is left of a region', () => {
  test.each([
    ['', ['00'], ['1', '01']],
    ['01', ['0110', '1'], ['010', '0111']],
    ['01', ['0'], []],
    ['01', ['010', '011'], []],
    ['01', [], ['01']],
    ['01', ['00'], ['01']]
  ])('%j without %j is %j', (region, others, rest) => {
    expect(regionOf(region).without(others.map(other => regionOf(other))).map(String)).toEqual(rest)
  })

  test('is all of it that is in none of the others, without overlap', () => {
    fc.assert(fc.property(region, fc.array(region, { maxLength: 12 }), (region, others) => {
      const rest = region.without(others)
      const covered = new Set(bytesIn(...others))

      expect(bytesIn(...rest)).toEqual(bytesIn(region).filter(byte => !covered.has(byte)))
      expect(rest.reduce((sum, part) => sum + bytesIn(part).length, 0)).toBe(bytesIn(...rest).length)
      // as few as can be: no two are the halves of one
      expect(new Set(rest.map(({ parent }) => `${parent}`)).size).toBe(rest.length)
    }))
  })
})
