import { describe, expect, test } from 'vitest'
import { entryOf } from './memory-buckets.ts'
import { LOCAL_PEER, NOW, placesOf } from './places-of.ts'
import type { KBucketEntry } from '../../src/routing-table/k-buckets.ts'

const HOUR = 3_600_000

// a peer is its own kad id, and the target is 0: a peer's number is its distance
const TARGET = Uint8Array.of(0)

describe('PeerPlaces', () => {
  describe('start candidates', () => {
    test.each([
      { name: 'are the closest peers in the buckets', peers: { buckets: [5, 3, 9, 1] }, n: 3, expected: [1, 3, 5] },
      { name: 'pass over a poor peer, the next in the buckets moves up', peers: { buckets: [1, 3, 5], poor: [1] }, n: 2, expected: [3, 5] },
      { name: 'have a named peer replace a poor one', peers: { buckets: [1, 64, 128], poor: [1], named: [2, 70] }, n: 3, expected: [2, 64, 128] },
      { name: 'leave out those in the replacement cache that replace nobody', peers: { buckets: [64, 128], answered: [1], named: [2] }, n: 3, expected: [64, 128] },
      { name: 'include good peers that the scores remember', peers: { buckets: [64, 128], remembered: [3], good: [3] }, n: 2, expected: [3, 64] },
      { name: 'leave out remembered peers that are not good', peers: { buckets: [64], remembered: [3, 5], poor: [5] }, n: 2, expected: [64] },
      { name: 'end with the closest poor ones where too few are acceptable', peers: { buckets: [1, 2, 3, 64], poor: [1, 2, 3] }, n: 3, expected: [64, 1, 2] },
      { name: 'are none when none are wanted', peers: { buckets: [1, 2] }, n: 0, expected: [] }
    ])('$name', ({ peers, n, expected }) => {
      expect(numbers(placesOf(peers).table.candidates(TARGET, n, NOW))).to.deep.equal(expected)
    })

    test('take a poor peer back as soon as time has healed its score', () => {
      const { table } = placesOf({ buckets: [1, 64, 128], poor: [1] })

      expect(numbers(table.candidates(TARGET, 2, NOW))).to.deep.equal([64, 128])
      expect(numbers(table.candidates(TARGET, 2, NOW + 24 * HOUR))).to.deep.equal([1, 64])
    })
  })

  describe('named peers', () => {
    test.each([
      { name: 'are the k closest', peers: { buckets: [1, 2, 3, 4, 5] }, expected: [1, 2] },
      { name: 'pass over poor ones among the 2k closest', peers: { buckets: [1, 2, 3, 4, 5], poor: [1, 3] }, expected: [2, 4] },
      { name: 'are filled up with the nearest poor one rather than one beyond the 2k closest', peers: { buckets: [1, 2, 3, 4, 5], poor: [1, 2, 3] }, expected: [1, 4] },
      { name: 'are poor ones where all of the 2k closest are poor', peers: { buckets: [1, 2, 3, 4, 5], poor: [1, 2, 3, 4] }, expected: [1, 2] },
      { name: 'include replacements that answered us', peers: { buckets: [4, 5, 6], answered: [1] }, expected: [1, 4] },
      { name: 'leave out peers that were only named to us', peers: { buckets: [4, 5, 6], named: [1] }, expected: [4, 5] },
      { name: 'leave out named peers even while they replace a poor one', peers: { buckets: [1, 5, 6], named: [2], poor: [1] }, expected: [5, 6] },
      { name: 'include good peers that the scores remember', peers: { buckets: [4, 5, 6], remembered: [2], good: [2] }, expected: [2, 4] },
      { name: 'are those of the 2k closest that are the likeliest there, to the tenth', peers: { buckets: [1, 2, 3, 4, 5], chances: { 1: 0.79, 2: 0.81, 3: 0.7, 4: 0.99 } }, expected: [2, 4] },
      { name: 'are the closest of those that are as likely there', peers: { buckets: [1, 2, 3, 4], chances: { 1: 0.91, 2: 0.93, 3: 0.99, 4: 0.96 } }, expected: [1, 2] },
      { name: 'are unlikely ones rather than poor ones', peers: { buckets: [1, 2, 3, 4], poor: [1, 2, 4], chances: { 3: 0.02 } }, expected: [1, 3] },
      { name: 'are fewer where we know fewer', peers: { buckets: [7] }, expected: [7] }
    ])('$name', ({ peers, expected }) => {
      expect(numbers(placesOf(peers, { k: 2 }).table.named(TARGET, {}, NOW))).to.deep.equal(expected)
    })

    test('are as many as asked for, without those excluded', () => {
      const { table } = placesOf({ buckets: [1, 2, 3, 4, 5] })

      expect(numbers(table.named(TARGET, { count: 3, exclude: new Set([2]) }, NOW))).to.deep.equal([1, 3, 4])
    })

    test('do not include a peer that answered and then failed', () => {
      const { table, setClass } = placesOf({ buckets: [4, 5], answered: [1] }, { k: 2 })
      setClass(1, 'unacceptable')

      expect(numbers(table.named(TARGET, {}, NOW))).to.deep.equal([4, 5])
    })
  })

  describe('replacements', () => {
    test('are the peers closest to the poor ones that found no place', () => {
      const { table } = placesOf({ buckets: [64, 128, 32], named: [65, 129, 66], poor: [64, 128] })

      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 65 }, { poor: 128, replacement: 129 }])
      expect(table.replacementsInUse(NOW)).to.equal(2)
    })

    test('come from the remembered good peers too', () => {
      const { table } = placesOf({ buckets: [64], named: [80], remembered: [65], good: [65], poor: [64] })

      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 65 }])
    })

    test('are missing while nobody is there to replace', () => {
      const { table } = placesOf({ buckets: [64, 32], poor: [64, 32] })

      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: undefined }, { poor: 32, replacement: undefined }])
      expect(table.replacementsInUse(NOW)).to.equal(0)
    })

    test('are the next closest in the buckets while everybody is there, and for one only', () => {
      const { table } = placesOf({ buckets: [64, 65, 16, 17], poor: [64, 16] })
      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 65 }, { poor: 16, replacement: 17 }])

      table.heardOf(entryOf(66), 'named', NOW)

      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 66 }, { poor: 16, replacement: 17 }])
    })

    test('replace remembered peers as well, which are listed while they are unacceptable', () => {
      const { table, setClass } = placesOf({ buckets: [32], remembered: [64], named: [65], poor: [64] })

      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 65 }])
      expect(table.why(64, NOW)).to.deep.equal({ place: 'remembered', replacedBy: 65, replaces: undefined })
      expect(numbers(table.candidates(TARGET, 5, NOW)), 'it is not a candidate, its replacement is').to.deep.equal([32, 65])

      setClass(64, 'neutral')

      expect(table.replacements(NOW)).to.deep.equal([])
      expect(table.why(64, NOW)).to.deep.equal({ place: 'none' })
    })

    test('end when the score of a remembered peer is no longer kept', () => {
      const { table } = placesOf({ remembered: [64], named: [65], poor: [64] })
      expect(table.replacementsInUse(NOW)).to.equal(1)
      table.forget(64)

      expect(table.replacements(NOW)).to.deep.equal([])
    })

    test('are replaced in turn when they prove poor themselves', () => {
      const { table, setClass } = placesOf({ buckets: [64], named: [65, 66], poor: [64] })
      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 65 }])
      setClass(65, 'unacceptable')

      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 66 }])
      expect(table.why(65, NOW)).to.deep.equal({ place: 'none' })
    })

    test('end when the poor peer recovers by an answer or by time', () => {
      const answered = placesOf({ buckets: [64], named: [65], poor: [64] })
      answered.setClass(64, 'good')
      const rested = placesOf({ buckets: [64], named: [65], poor: [64] })

      expect(answered.table.replacements(NOW)).to.deep.equal([])
      expect(rested.table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 65 }])
      expect(rested.table.replacements(NOW + 24 * HOUR)).to.deep.equal([])
    })

    test('end when the poor peer leaves the buckets', () => {
      const { table, buckets } = placesOf({ buckets: [64, 32], named: [65], poor: [64] })
      buckets.remove(64)

      expect(table.replacements(NOW)).to.deep.equal([])
      expect(numbers(table.candidates(TARGET, 5, NOW))).to.deep.equal([32])
    })

    test('are no more than maxReplacements, the least recently heard of leaving first', () => {
      const { table } = placesOf({ buckets: [64, 128, 32], poor: [64, 128, 32] }, { maxReplacements: 2 })

      for (const peer of [1, 2, 3, 4]) {
        table.heardOf(entryOf(peer), 'answered', NOW)
      }

      expect(table.replacementsInUse(NOW)).to.equal(2)
      expect([1, 2, 3, 4].map(peer => table.why(peer, NOW).place)).to.deep.equal(['none', 'none', 'replacement', 'replacement'])
    })

    test('are not taken from the cache by peers that have a place already', () => {
      const { table } = placesOf({ buckets: [64, 32], named: [65, 66] }, { maxReplacements: 2 })
      table.heardOf(entryOf(32), 'answered', NOW)
      table.heardOf(entryOf(64), 'named', NOW)

      expect([65, 66].map(peer => table.why(peer, NOW).place)).to.deep.equal(['replacement', 'replacement'])
    })
  })

  test('does not hear of itself nor of peers known to be unacceptable', () => {
    const { table, setClass } = placesOf({ buckets: [64], poor: [64] })
    setClass(65, 'unacceptable')
    table.heardOf(entryOf(65), 'named', NOW)
    table.heardOf(entryOf(LOCAL_PEER), 'named', NOW)
    table.remember(entryOf(LOCAL_PEER))
    setClass(LOCAL_PEER, 'good')

    expect(numbers(table.candidates(TARGET, 5, NOW))).to.deep.equal([64])
    expect(table.why(LOCAL_PEER, NOW)).to.deep.equal({ place: 'none' })
  })

  test('counts good peers in the buckets and among the remembered, each once', () => {
    const { table, buckets, setClass } = placesOf({ buckets: [1, 2, 3], remembered: [2, 8, 9], good: [1, 2, 8], poor: [3] }, { minGoodPeers: 3 })

    expect(table.goodPeers(NOW)).to.equal(3)
    expect(table.needsGoodPeers(NOW)).to.equal(false)

    buckets.remove(1)
    setClass(8, 'neutral')

    expect(table.goodPeers(NOW)).to.equal(1)
    expect(table.needsGoodPeers(NOW)).to.equal(true)

    setClass(9, 'good')
    buckets.add(1)

    expect(table.goodPeers(NOW)).to.equal(3)

    table.forget(9)

    expect(table.goodPeers(NOW)).to.equal(2)
  })

  test('uses a remembered peer again when its score is good again', () => {
    const { table, setClass } = placesOf({ buckets: [64], remembered: [3], good: [3] })
    setClass(3, 'unacceptable')
    expect(numbers(table.candidates(TARGET, 5, NOW))).to.deep.equal([64])
    setClass(3, 'good')

    expect(numbers(table.candidates(TARGET, 5, NOW))).to.deep.equal([3, 64])
  })

  test('proposes the unacceptable peers of a full bucket for eviction, worst first', () => {
    const { table, setClass } = placesOf({ buckets: [1, 2, 3, 4, 5], good: [1] })
    setClass(2, 'unacceptable', 0.2)
    setClass(3, 'unacceptable', 0)
    setClass(4, 'unacceptable', 0.1)

    expect(table.evictionCandidates([1, 2, 3, 4, 5], 2, NOW)).to.deep.equal([3, 4])
    expect(table.evictionCandidates([1, 5], 2, NOW)).to.deep.equal([])
  })

  describe('a peer that leaves', () => {
    test.each([
      { name: 'the replacement cache', peers: { answered: [1] } },
      { name: 'the replacement cache, where it was only named', peers: { named: [1] } },
      { name: 'the remembered good ones', peers: { remembered: [1], good: [1] } },
      { name: 'the remembered poor ones, with who replaces it', peers: { remembered: [1], poor: [1], answered: [2] } }
    ])('is no longer among $name', ({ peers }) => {
      const { table } = placesOf({ buckets: [64], ...peers })
      table.leave(1)

      expect(table.why(1, NOW)).to.deep.equal({ place: 'none' })
      expect(table.replacements(NOW)).to.deep.equal([])
      expect(numbers(table.candidates(TARGET, 1, NOW))).to.deep.equal([64])
      expect(numbers(table.named(TARGET, { count: 1 }, NOW))).to.not.include(1)
    })

    test('replaces nobody, and who waits takes the next', () => {
      const { table } = placesOf({ buckets: [64], poor: [64], named: [65, 66] })
      table.leave(65)

      expect(table.replacements(NOW)).to.deep.equal([{ poor: 64, replacement: 66 }])
    })

    test('does not come back when its score changes, but when it is remembered or heard of', () => {
      const { table, setClass } = placesOf({ buckets: [64], remembered: [1], good: [1], answered: [2] })
      table.leave(1)
      table.leave(2)
      setClass(1, 'neutral')
      setClass(1, 'good')
      expect([1, 2].map(peer => table.why(peer, NOW).place)).to.deep.equal(['none', 'none'])

      table.remember(entryOf(1))
      table.heardOf(entryOf(2), 'named', NOW)
      expect([1, 2].map(peer => table.why(peer, NOW).place)).to.deep.equal(['remembered', 'replacement'])
    })

    test('may be unknown', () => {
      const { table } = placesOf({ buckets: [64] })
      table.leave(1)

      expect(table.why(1, NOW)).to.deep.equal({ place: 'none' })
    })
  })

  test('tells where a peer is and why', () => {
    const { table } = placesOf({ buckets: [64, 32, 16], named: [65], answered: [33], remembered: [7, 8], good: [7], poor: [64] })

    expect(table.why(64, NOW)).to.deep.equal({ place: 'bucket', replacedBy: 65, replaces: undefined })
    expect(table.why(32, NOW)).to.deep.equal({ place: 'bucket', replacedBy: undefined, replaces: undefined })
    expect(table.why(65, NOW)).to.deep.equal({ place: 'replacement', introduction: 'named', replaces: 64 })
    expect(table.why(33, NOW)).to.deep.equal({ place: 'replacement', introduction: 'answered', replaces: undefined })
    expect(table.why(7, NOW)).to.deep.equal({ place: 'remembered', replacedBy: undefined, replaces: undefined })
    expect(table.why(8, NOW)).to.deep.equal({ place: 'none' })
    expect(table.why(99, NOW)).to.deep.equal({ place: 'none' })
  })

  test.each([
    { peer: 64, expected: { place: 'bucket', replacedBy: undefined, replaces: undefined } },
    { peer: 65, expected: { place: 'replacement', introduction: 'named', replaces: undefined } }
  ])('does not say of $peer that it is one of a pair whose poor one has recovered', ({ peer, expected }) => {
    const { table } = placesOf({ buckets: [64], named: [65], poor: [64] })
    expect(table.replacementsInUse(NOW)).to.equal(1)

    expect(table.why(peer, NOW + 24 * HOUR)).to.deep.equal(expected)
  })

  test('reads the buckets anew on reset and keeps what else it knows', () => {
    const { table, buckets } = placesOf({ buckets: [1, 2, 3], remembered: [2, 9], good: [2, 9] })
    buckets.replaceAll([3, 4])
    table.reset()

    expect(numbers(table.candidates(TARGET, 10, NOW))).to.deep.equal([2, 3, 4, 9])
    expect(table.why(2, NOW).place).to.equal('remembered')
  })
})

function numbers (entries: Array<KBucketEntry<number>>): number[] {
  return entries.map(({ peer }) => peer)
}
