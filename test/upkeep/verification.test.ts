import { beforeEach, describe, expect, test } from 'vitest'
import { Verification } from '../../src/upkeep/verification.ts'

const NOW = 1_000

let uncertain: number[]
let unasked: number[]
let connected: Set<number>

beforeEach(() => {
  uncertain = [1, 2, 3, 4, 5, 6]
  unasked = [90, 91, 92]
  connected = new Set()
})

const EVERY_MS = 100

/** In each round so many are due */
function verificationOf (verificationsAtOnce: number): { verification: Verification<number>, round: (due?: number) => number[] } {
  const verification = new Verification({
    parameters: { verifyEveryMs: EVERY_MS, verificationsAtOnce, exploreAfterMs: 600 },
    table: {
      leastCertain: n => uncertain.slice(0, n),
      longestUnasked: (n, since) => since === now - 600 ? unasked.slice(0, n) : []
    },
    isConnected: peer => connected.has(peer)
  })
  let now = NOW
  verification.round(now)

  return {
    verification,
    round: (due = verificationsAtOnce) => {
      now += due * EVERY_MS

      return verification.round(now)
    }
  }
}

/** Whom each of so many rounds chooses, when each ping ends before the next round */
function rounds ({ verification, round }: ReturnType<typeof verificationOf>, count: number): number[] {
  return Array.from({ length: count }, () => {
    const chosen = round()
    chosen.forEach(peer => { verification.ended(peer) })

    return chosen
  }).flat()
}

describe('a verification', () => {
  test('is of the least certain peer four times in five, and explores the one that was not asked for the longest once', () => {
    expect(rounds(verificationOf(1), 10)).toEqual([1, 1, 1, 1, 90, 1, 1, 1, 1, 90])
  })

  test('is of no more peers at a time than allowed, each of them once', () => {
    const { verification, round } = verificationOf(3)

    expect(round()).toEqual([1, 2, 3])
    expect(round()).toEqual([])
    verification.ended(2)
    expect(round()).toEqual([2])
    verification.ended(2)
    expect(round()).toEqual([90])
  })

  test('is due so often, however long the rounds are', () => {
    const { round } = verificationOf(9)

    expect([0, 0.5, 0.4, 0.2, 0, 2].map(due => round(due).length)).toEqual([0, 0, 0, 1, 0, 2])
  })

  test('leaves out those that are connected', () => {
    connected = new Set([1, 2, 90])

    expect(rounds(verificationOf(1), 5)).toEqual([3, 3, 3, 3, 91])
  })

  test('is none where there is nobody to verify, or none is allowed', () => {
    expect(verificationOf(0).round(5)).toEqual([])
    uncertain = []
    unasked = []
    expect(rounds(verificationOf(2), 5)).toEqual([])
  })

  test('begins anew after a stop', () => {
    const { verification, round } = verificationOf(1)
    round()
    verification.stop()

    expect([round(), round()]).toEqual([[], [1]])
  })
})
