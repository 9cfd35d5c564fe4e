import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { Replacements } from '../../src/routing-table/replacements.ts'
import { entryOf } from './memory-buckets.ts'

const POOR = 0b0100_0000
const CLOSEST = 0b0100_0001
const NEXT = 0b0100_0010
const FAR = 0b1100_0000

describe('Replacements', () => {
  test('pairs a poor peer with the spare one closest to it', () => {
    const replacements = matched({ poor: [POOR], spare: [FAR, NEXT, CLOSEST] })

    expect(pairs(replacements)).to.deep.equal([[POOR, CLOSEST]])
    expect(replacements.replaces(CLOSEST)).to.equal(POOR)
    expect(replacements.replaces(NEXT)).to.equal(undefined)
  })

  test('lets nobody replace two', () => {
    const replacements = matched({ poor: [POOR, POOR + 16], spare: [CLOSEST] })

    expect(pairs(replacements)).to.deep.equal([[POOR, CLOSEST], [POOR + 16, undefined]])
  })

  test('gives a waiting poor peer the first spare one that turns up', () => {
    const replacements = matched({ poor: [POOR], spare: [] })
    replacements.setSpare(entryOf(FAR), 'outside')
    replacements.match()

    expect(pairs(replacements)).to.deep.equal([[POOR, FAR]])
  })

  test('keeps a pair together when a closer spare peer turns up', () => {
    const replacements = matched({ poor: [POOR], spare: [FAR] })
    replacements.setSpare(entryOf(CLOSEST), 'outside')
    replacements.match()

    expect(pairs(replacements)).to.deep.equal([[POOR, FAR]])
  })

  test('finds another replacement when one is no longer spare', () => {
    const replacements = matched({ poor: [POOR], spare: [CLOSEST, NEXT] })
    replacements.setSpare(entryOf(CLOSEST), undefined)
    replacements.match()

    expect(pairs(replacements)).to.deep.equal([[POOR, NEXT]])
    expect(replacements.replaces(CLOSEST)).to.equal(undefined)
  })

  test('frees the replacement of a peer that is poor no longer', () => {
    const replacements = matched({ poor: [POOR, FAR], spare: [CLOSEST] })
    replacements.setPoor(entryOf(POOR), false)
    replacements.match()

    expect(pairs(replacements)).to.deep.equal([[FAR, CLOSEST]])
  })

  test('takes somebody inside only while nobody outside is left', () => {
    const replacements = matched({ poor: [POOR], spare: [FAR], inside: [CLOSEST] })
    expect(pairs(replacements)).to.deep.equal([[POOR, FAR]])

    replacements.setSpare(entryOf(FAR), undefined)
    replacements.match()
    expect(pairs(replacements)).to.deep.equal([[POOR, CLOSEST]])

    replacements.setSpare(entryOf(FAR), 'outside')
    replacements.match()
    expect(pairs(replacements)).to.deep.equal([[POOR, FAR]])
    expect(replacements.replaces(CLOSEST)).to.equal(undefined)
    expect(replacements.pairs).to.equal(1)
  })

  test('keeps a pair together when the replacement that was only named answers', () => {
    const changed: number[] = []
    const replacements = new Replacements<number>(peer => { changed.push(peer) })
    replacements.setPoor(entryOf(POOR), true)
    replacements.setSpare(entryOf(FAR), 'named')
    replacements.setSpare(entryOf(CLOSEST), 'named')
    replacements.match()
    replacements.setSpare(entryOf(CLOSEST), 'outside')
    replacements.match()

    expect(pairs(replacements)).to.deep.equal([[POOR, CLOSEST]])
    expect(changed).to.deep.equal([POOR, CLOSEST])
  })

  test('pairs anew a replacement that moves from inside to outside', () => {
    const replacements = matched({ poor: [POOR, FAR], spare: [], inside: [CLOSEST] })
    replacements.setSpare(entryOf(CLOSEST), 'outside')
    replacements.setSpare(entryOf(NEXT), 'inside')
    replacements.match()

    expect(replacements.pairs).to.equal(2)
    expect(new Set(pairs(replacements).map(([, replacement]) => replacement))).to.deep.equal(new Set([CLOSEST, NEXT]))
  })

  test('tells of both when a pair forms or parts, and of nothing else', () => {
    const changed: number[] = []
    const replacements = new Replacements<number>(peer => { changed.push(peer) })
    replacements.setPoor(entryOf(POOR), true)
    replacements.setSpare(entryOf(FAR), 'outside')
    replacements.match()
    expect(changed.splice(0)).to.deep.equal([POOR, FAR])

    replacements.setSpare(entryOf(CLOSEST), 'outside')
    replacements.match()
    expect(changed.splice(0)).to.deep.equal([])

    replacements.setPoor(entryOf(POOR), false)
    expect(changed).to.deep.equal([POOR, FAR])
  })

  test('pairs as many as it can, each with the closest that was left, in the order they became poor', () => {
    fc.assert(fc.property(fc.shuffledSubarray(allBytes()), fc.nat(20), fc.nat(256), (peers, split, named) => {
      const poor = peers.slice(0, split)
      const left = peers.slice(split)
      const expected = poor.map(peer => {
        const target = Uint8Array.of(peer)
        left.sort((a, b) => compareDistance(target, Uint8Array.of(a), Uint8Array.of(b)))

        return [peer, left.shift()]
      })

      const replacements = matched({ poor, spare: peers.slice(split, split + named), named: peers.slice(split + named) })
      expect(pairs(replacements)).to.deep.equal(expected)
    }))
  })
})

function matched ({ poor, spare, named = [], inside = [] }: { poor: number[], spare: number[], named?: number[], inside?: number[] }): Replacements<number> {
  const replacements = new Replacements<number>(() => {})
  poor.forEach(peer => { replacements.setPoor(entryOf(peer), true) })
  spare.forEach(peer => { replacements.setSpare(entryOf(peer), 'outside') })
  named.forEach(peer => { replacements.setSpare(entryOf(peer), 'named') })
  inside.forEach(peer => { replacements.setSpare(entryOf(peer), 'inside') })
  replacements.match()

  return replacements
}

function pairs (replacements: Replacements<number>): Array<[number, number | undefined]> {
  return Array.from(replacements.poor(), ({ peer }) => [peer, replacements.replacementOf(peer)])
}

function allBytes (): number[] {
  return Array.from({ length: 256 }, (_, byte) => byte)
}
