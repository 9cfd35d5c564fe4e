import fc from 'fast-check'
import { toString } from 'uint8arrays/to-string'
import { describe, expect, test } from 'vitest'
import { PrefixTrie } from '../../src/keyspace/prefix-trie.ts'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

const hex = (key: KadId): string => toString(key, 'base16')

const oneByteKey = fc.uint8Array({ minLength: 1, maxLength: 1 })

// some share a long prefix, so that deep branches and equal heads come up
const longKey = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.tuple(fc.constantFrom(0, 1, 255), fc.nat(255), fc.nat(255)).map(([fill, second, last]) => {
    const key = new Uint8Array(32).fill(fill)
    key[1] = second % 2
    key[31] = last

    return key
  })
)

describe('PrefixTrie', () => {
  test('returns the closest keys nearest first', () => {
    const trie = trieOf([0b00000000, 0b00000001, 0b00000111, 0b10000000, 0b11111111])

    expect(closestBytes(trie, 0b00000101, 3)).to.deep.equal([0b00000111, 0b00000001, 0b00000000])
    expect(closestBytes(trie, 0b11000000, 2)).to.deep.equal([0b11111111, 0b10000000])
  })

  test('returns all keys when more are asked for, and none for zero', () => {
    const trie = trieOf([1, 2, 3])

    expect(closestBytes(trie, 0, 100)).to.deep.equal([1, 2, 3])
    expect(closestBytes(trie, 0, 0)).to.deep.equal([])
    expect(new PrefixTrie().closest(Uint8Array.of(7), 5)).to.deep.equal([])
  })

  test('passes over keys that are not accepted', () => {
    const trie = trieOf([1, 2, 3, 4, 5])
    const odd = trie.closest(Uint8Array.of(0), 2, value => value % 2 === 1)

    expect(odd.map(({ value }) => value)).to.deep.equal([1, 3])
  })

  test('replaces the value of a key that is already there', () => {
    const trie = trieOf([9])
    trie.set(Uint8Array.of(9), 42)

    expect([...trie.byDistance(Uint8Array.of(0))].map(({ value }) => value)).to.deep.equal([42])
  })

  test('tells a key whose value is undefined from a key that is not there', () => {
    const trie = new PrefixTrie<undefined>()
    trie.set(Uint8Array.of(1), undefined)

    expect(trie.closest(Uint8Array.of(1), 2).map(({ key }) => key)).to.deep.equal([Uint8Array.of(1)])
    expect(trie.delete(Uint8Array.of(2))).to.equal(false)
    expect(trie.delete(Uint8Array.of(1))).to.equal(true)
  })

  test('refuses a key of another length, naming both lengths', () => {
    const trie = trieOf([1])
    const message = 'A kad id of 2 bytes among kad ids of 1 bytes'

    expect(() => { trie.set(Uint8Array.of(1, 2), 0) }).to.throw(RangeError, message)
    expect(() => trie.delete(Uint8Array.of(1, 2))).to.throw(RangeError, message)
    expect(() => trie.closest(Uint8Array.of(1, 2), 1)).to.throw(RangeError, message)
  })

  test('holds keys that differ in their last bit only', () => {
    const trie = new PrefixTrie<number>()

    for (let last = 0; last < 256; last++) {
      const key = new Uint8Array(32)
      key[31] = last
      trie.set(key, last)
    }

    const target = new Uint8Array(32)
    target[31] = 100

    expect(trie.closest(target, 4).map(({ value }) => value)).to.deep.equal([100, 101, 102, 103])
  })

  for (const [name, key] of [['1-byte', oneByteKey], ['32-byte', longKey]] as const) {
    test(`agrees with a sorted list after any adds and deletes of ${name} keys`, () => {
      const command = fc.record({ action: fc.constantFrom('set', 'set', 'set', 'delete'), key, value: fc.nat() })

      fc.assert(fc.property(fc.array(command, { size: '+1' }), key, fc.nat(30), (commands, target, n) => {
        const trie = new PrefixTrie<number>()
        const model = new Map<string, { key: KadId, value: number }>()

        for (const { action, key, value } of commands) {
          if (action === 'set') {
            trie.set(key, value)
            model.set(hex(key), { key, value })
          } else {
            expect(trie.delete(key)).to.equal(model.delete(hex(key)))
          }

          expect([...trie.byDistance(key)].map(({ value }) => value)).to.have.lengthOf(model.size)
        }

        const sorted = [...model.values()].sort((a, b) => compareDistance(target, a.key, b.key))
        const plain = ({ key, value }: { key: KadId, value: number }): [string, number] => [hex(key), value]

        expect([...trie.byDistance(target)].map(plain)).to.deep.equal(sorted.map(plain))
        expect(trie.closest(target, n).map(plain)).to.deep.equal(sorted.slice(0, n).map(plain))
        expect(trie.closest(target, n, value => value % 2 === 0).map(plain))
          .to.deep.equal(sorted.filter(({ value }) => value % 2 === 0).slice(0, n).map(plain))
      }))
    })
  }
})

function trieOf (bytes: number[]): PrefixTrie<number> {
  const trie = new PrefixTrie<number>()
  bytes.forEach(byte => { trie.set(Uint8Array.of(byte), byte) })

  return trie
}

function closestBytes (trie: PrefixTrie<number>, target: number, n: number): number[] {
  return trie.closest(Uint8Array.of(target), n).map(({ key }) => key[0])
}
