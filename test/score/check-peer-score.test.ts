import { describe, expect, test } from 'vitest'
import { checkPeerScore } from '../../src/score/check-peer-score.ts'
import { unmetPeer } from '../../src/score/score-formula.ts'
import type { PeerScore } from '../../src/score/peer-score.ts'

describe('a record from outside', () => {
  test.each<[string, Partial<PeerScore>]>([
    ['of a peer that nobody has met', {}],
    ['at the lower ends', { reliability: 0, weight: 0, referral: 0, referralWeight: 0, updatedAt: 0, latencyMs: 0, latencyDeviationMs: 0 }],
    ['at the upper ends', { reliability: 1, referral: 1, weight: 1e9, latencyMs: 1e9, latencyDeviationMs: 1e9, answeringSince: 1e13, answeredAt: 1e13 }]
  ])('%s is taken', (_, fields) => {
    expect(() => { checkPeerScore({ ...unmetPeer(7), ...fields }) }).not.toThrow()
  })

  test.each<[Partial<Record<keyof PeerScore, unknown>>, string]>([
    [{ reliability: NaN }, 'reliability is NaN, allowed is a number from 0 to 1'],
    [{ reliability: 1.01 }, 'reliability is 1.01, allowed is a number from 0 to 1'],
    [{ reliability: undefined }, 'reliability is undefined, allowed is a number from 0 to 1'],
    [{ weight: -1 }, 'weight is -1, allowed is a number from 0'],
    [{ weight: Infinity }, 'weight is Infinity, allowed is a number from 0'],
    [{ referral: -0.1 }, 'referral is -0.1, allowed is a number from 0 to 1'],
    [{ referralWeight: NaN }, 'referralWeight is NaN, allowed is a number from 0'],
    [{ updatedAt: -5 }, 'updatedAt is -5, allowed is a number from 0'],
    [{ latencyMs: -1, latencyDeviationMs: 1 }, 'latencyMs is -1, allowed is a number from 0'],
    [{ latencyMs: 5 }, 'latencyDeviationMs is undefined, allowed is a number from 0'],
    [{ latencyDeviationMs: 5 }, 'latencyMs is undefined, allowed is a number from 0'],
    [{ answeringSince: 5 }, 'answeredAt is undefined, allowed is a number from 0'],
    [{ answeredAt: 5 }, 'answeringSince is undefined, allowed is a number from 0 to 5'],
    [{ answeringSince: 6, answeredAt: 5 }, 'answeringSince is 6, allowed is a number from 0 to 5']
  ])('with %o is refused by name', (fields, message) => {
    expect(() => { checkPeerScore({ ...unmetPeer(7), ...fields } as PeerScore) }).toThrow(new RangeError(`score record: ${message}`))
  })
})
