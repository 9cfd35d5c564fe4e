import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { highestScores } from '../../src/routing-table/highest-scores.ts'
import { unmetPeer } from '../../src/score/score-formula.ts'
import type { PeerScore } from '../../src/score/peer-score.ts'

function records (scores: readonly number[]): Array<[number, PeerScore]> {
  return scores.map((reliability, peer) => [peer, { ...unmetPeer(0), reliability }])
}

function highest (scores: readonly number[], n: number): Array<{ peer: number, score: number }> {
  return highestScores(records(scores), n, ({ reliability }) => reliability)
}

function sorted (scores: readonly number[], n: number): Array<{ peer: number, score: number }> {
  return scores.map((score, peer) => ({ peer, score })).toSorted((a, b) => b.score - a.score).slice(0, n)
}

describe('the highest scores', () => {
  test('are those that a sort of all finds, in the same order, with few scores of which many are equal', () => {
    const score = fc.oneof(fc.constantFrom(0, 0.5, 0.9, 1), fc.double({ min: 0, max: 1, noNaN: true }))

    fc.assert(fc.property(fc.array(score, { maxLength: 200 }), fc.double({ min: 0, max: 250, noNaN: true }), (scores, n) => {
      expect(highest(scores, n)).toEqual(sorted(scores, n))
      expect(highest(scores, Math.floor(n))).toEqual(sorted(scores, Math.floor(n)))
    }))
  })

  test('are those that a sort finds where the scores rise, fall or are all the same', () => {
    const rising = Array.from({ length: 1000 }, (_, peer) => peer / 1000)

    for (const scores of [rising, rising.toReversed(), rising.map(() => 0.5)]) {
      for (const n of [1, 2, 20, 999, 1000, 1001, Infinity]) {
        expect(highest(scores, n)).toEqual(sorted(scores, n))
      }
    }
  })

  test('of no peers are none', () => {
    expect(highest([1, 0.5], 0)).toEqual([])
    expect(highest([1, 0.5], NaN)).toEqual([])
    expect(highest([], 20)).toEqual([])
  })
})
