import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { StandIns } from '../../src/routing-table/stand-ins.ts'
import { entryOf } from './memory-buckets.ts'

const POOR = 0b0100_0000
const CLOSEST = 0b0100_0001
const NEXT = 0b0100_0010
const FAR = 0b1100_0000

describe('StandIns', () => {
  it('pairs a poor peer with the spare one closest to it', () => {
    const standIns = matched({ poor: [POOR], spare: [FAR, NEXT, CLOSEST] })

    expect(pairs(standIns)).to.deep.equal([[POOR, CLOSEST]])
    expect(standIns.standsInFor(CLOSEST)).to.equal(POOR)
    expect(standIns.standsInFor(NEXT)).to.equal(undefined)
  })

  it('lets nobody stand in for two', () => {
    const standIns = matched({ poor: [POOR, POOR + 16], spare: [CLOSEST] })

    expect(pairs(standIns)).to.deep.equal([[POOR, CLOSEST], [POOR + 16, undefined]])
  })

  it('gives a waiting poor peer the first spare one that turns up', () => {
    const standIns = matched({ poor: [POOR], spare: [] })
    standIns.setSpare(entryOf(FAR), 'outside')
    standIns.match()

    expect(pairs(standIns)).to.deep.equal([[POOR, FAR]])
  })

  it('keeps a pair together when a closer spare peer turns up', () => {
    const standIns = matched({ poor: [POOR], spare: [FAR] })
    standIns.setSpare(entryOf(CLOSEST), 'outside')
    standIns.match()

    expect(pairs(standIns)).to.deep.equal([[POOR, FAR]])
  })

  it('finds another stand-in when one is no longer spare', () => {
    const standIns = matched({ poor: [POOR], spare: [CLOSEST, NEXT] })
    standIns.setSpare(entryOf(CLOSEST), undefined)
    standIns.match()

    expect(pairs(standIns)).to.deep.equal([[POOR, NEXT]])
    expect(standIns.standsInFor(CLOSEST)).to.equal(undefined)
  })

  it('frees the stand-in of a peer that is poor no longer', () => {
    const standIns = matched({ poor: [POOR, FAR], spare: [CLOSEST] })
    standIns.setPoor(entryOf(POOR), false)
    standIns.match()

    expect(pairs(standIns)).to.deep.equal([[FAR, CLOSEST]])
  })

  it('takes somebody inside only while nobody outside is left', () => {
    const standIns = matched({ poor: [POOR], spare: [FAR], inside: [CLOSEST] })
    expect(pairs(standIns)).to.deep.equal([[POOR, FAR]])

    standIns.setSpare(entryOf(FAR), undefined)
    standIns.match()
    expect(pairs(standIns)).to.deep.equal([[POOR, CLOSEST]])

    standIns.setSpare(entryOf(FAR), 'outside')
    standIns.match()
    expect(pairs(standIns)).to.deep.equal([[POOR, FAR]])
    expect(standIns.standsInFor(CLOSEST)).to.equal(undefined)
    expect(standIns.pairs).to.equal(1)
  })

  it('keeps a pair together when the stand-in that was only named answers', () => {
    const changed: number[] = []
    const standIns = new StandIns<number>(peer => { changed.push(peer) })
    standIns.setPoor(entryOf(POOR), true)
    standIns.setSpare(entryOf(FAR), 'named')
    standIns.setSpare(entryOf(CLOSEST), 'named')
    standIns.match()
    standIns.setSpare(entryOf(CLOSEST), 'outside')
    standIns.match()

    expect(pairs(standIns)).to.deep.equal([[POOR, CLOSEST]])
    expect(changed).to.deep.equal([POOR, CLOSEST])
  })

  it('pairs anew a stand-in that moves from inside to outside', () => {
    const standIns = matched({ poor: [POOR, FAR], spare: [], inside: [CLOSEST] })
    standIns.setSpare(entryOf(CLOSEST), 'outside')
    standIns.setSpare(entryOf(NEXT), 'inside')
    standIns.match()

    expect(standIns.pairs).to.equal(2)
    expect(new Set(pairs(standIns).map(([, standIn]) => standIn))).to.deep.equal(new Set([CLOSEST, NEXT]))
  })

  it('tells of both when a pair forms or parts, and of nothing else', () => {
    const changed: number[] = []
    const standIns = new StandIns<number>(peer => { changed.push(peer) })
    standIns.setPoor(entryOf(POOR), true)
    standIns.setSpare(entryOf(FAR), 'outside')
    standIns.match()
    expect(changed.splice(0)).to.deep.equal([POOR, FAR])

    standIns.setSpare(entryOf(CLOSEST), 'outside')
    standIns.match()
    expect(changed.splice(0)).to.deep.equal([])

    standIns.setPoor(entryOf(POOR), false)
    expect(changed).to.deep.equal([POOR, FAR])
  })

  it('pairs as many as it can, each with the closest that was left, in the order they became poor', () => {
    fc.assert(fc.property(fc.shuffledSubarray(allBytes()), fc.nat(20), fc.nat(256), (peers, split, named) => {
      const poor = peers.slice(0, split)
      const left = peers.slice(split)
      const expected = poor.map(peer => {
        const target = Uint8Array.of(peer)
        left.sort((a, b) => compareDistance(target, Uint8Array.of(a), Uint8Array.of(b)))

        return [peer, left.shift()]
      })

      const standIns = matched({ poor, spare: peers.slice(split, split + named), named: peers.slice(split + named) })
      expect(pairs(standIns)).to.deep.equal(expected)
    }))
  })
})

function matched ({ poor, spare, named = [], inside = [] }: { poor: number[], spare: number[], named?: number[], inside?: number[] }): StandIns<number> {
  const standIns = new StandIns<number>(() => {})
  poor.forEach(peer => { standIns.setPoor(entryOf(peer), true) })
  spare.forEach(peer => { standIns.setSpare(entryOf(peer), 'outside') })
  named.forEach(peer => { standIns.setSpare(entryOf(peer), 'named') })
  inside.forEach(peer => { standIns.setSpare(entryOf(peer), 'inside') })
  standIns.match()

  return standIns
}

function pairs (standIns: StandIns<number>): Array<[number, number | undefined]> {
  return Array.from(standIns.poor(), ({ peer }) => [peer, standIns.standInOf(peer)])
}

function allBytes (): number[] {
  return Array.from({ length: 256 }, (_, byte) => byte)
}
