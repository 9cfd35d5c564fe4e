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

function verificationOf (verificationsPerRound: number): Verification<number> {
  return new Verification({
    parameters: { verificationsPerRound, exploreAfterMs: 600 },
    table: {
      leastCertain: n => uncertain.slice(0, n),
      longestUnasked: (n, since) => since === NOW - 600 ? unasked.slice(0, n) : []
    },
    isConnected: peer => connected.has(peer)
  })
}

/** Whom each of so many rounds chooses, when each ping ends before the next round */
function rounds (verification: Verification<number>, count: number): number[] {
  return Array.from({ length: count }, () => {
    const chosen = verification.round(NOW)
    chosen.forEach(peer => { verification.ended(peer) })

    return chosen
  }).flat()
}

describe('a verification', () => {
  test('is of the least certain peer four times in five, and explores the one that was not asked for the longest once', () => {
    expect(rounds(verificationOf(1), 10)).toEqual([1, 1, 1, 1, 90, 1, 1, 1, 1, 90])
  })

  test('is of as many peers at a time as allowed, each of them once', () => {
    const verification = verificationOf(3)

    expect(verification.round(NOW)).toEqual([1, 2, 3])
    expect(verification.round(NOW)).toEqual([])
    verification.ended(2)
    expect(verification.round(NOW)).toEqual([2])
    verification.ended(2)
    expect(verification.round(NOW)).toEqual([90])
  })

  test('leaves out those that are connected', () => {
    connected = new Set([1, 2, 90])

    expect(rounds(verificationOf(1), 5)).toEqual([3, 3, 3, 3, 91])
  })

  test('is none where there is nobody to verify, or none is allowed', () => {
    expect(rounds(verificationOf(0), 5)).toEqual([])
    uncertain = []
    unasked = []
    expect(rounds(verificationOf(2), 5)).toEqual([])
  })

  test('begins anew after a stop', () => {
    const verification = verificationOf(1)
    verification.round(NOW)
    verification.stop()

    expect(verification.round(NOW)).toEqual([1])
  })
})
