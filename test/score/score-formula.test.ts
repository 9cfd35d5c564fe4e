import { describe, expect, test } from 'vitest'
import {
  classOfScore, countOutcome, countReferral, driftedReliability, replaceFailedReferral, replaceFailure, rewardOf, unmetPeer, usefulness
} from '../../src/score/score-formula.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { REFUSED, TIMED_OUT, responded } from './outcomes.ts'
import type { Outcome } from '../../src/score/outcome.ts'
import type { PeerScore } from '../../src/score/peer-score.ts'

const MINUTE = 60_000

const parameters = validateScoreParameters({
  weightCap: 4,
  referralWeightCap: 4,
  slowLatencyMs: 1000,
  timedOutReward: 0.01,
  dialFailedReward: 0.02,
  noAddressReward: 0.03,
  protocolErrorReward: 0.04,
  invalidRecordReward: 0.05,
  goodThreshold: 0.6,
  unacceptableThreshold: 0.3,
  referralPenalty: 0.2
})

/** The record of a peer after these outcomes */
function after (...outcomes: Outcome[]): PeerScore {
  return outcomes.reduce((record, outcome) => countOutcome(record, outcome, parameters), unmetPeer(0))
}

describe('the record of a peer that nobody has met', () => {
  test('is neutral in all, and that counts as one outcome', () => {
    expect(unmetPeer(7)).toEqual({
      reliability: 0.5,
      weight: 1,
      latencyMs: undefined,
      latencyDeviationMs: undefined,
      referral: 0.5,
      referralWeight: 1,
      lastOutcome: undefined,
      answeringSince: undefined,
      answeredAt: undefined,
      updatedAt: 7
    })
  })
})

describe('the reward', () => {
  test.each<[Outcome, number]>([
    [responded(0), 1],
    [responded(500), 0.75],
    [responded(1000), 0.5],
    [responded(60_000), 0.5],
    [{ type: 'stored', latencyMs: 500, setupMs: 0, dialled: false }, 0.75],
    [{ type: 'stored', latencyMs: undefined, setupMs: 900, dialled: true }, 1],
    [{ type: 'timedOut', afterMs: 1 }, 0.01],
    [{ type: 'dialFailed', class: 'refused' }, 0.02],
    [{ type: 'dialFailed', class: 'timeout' }, 0.02],
    [{ type: 'dialFailed', class: 'noAddress' }, 0.03],
    [{ type: 'protocolError' }, 0.04],
    [{ type: 'invalidRecord' }, 0.05]
  ])('of %o is %d', (outcome, reward) => {
    expect(rewardOf(outcome, parameters)).toBe(reward)
  })

  test('of an outcome that does not exist is an error', () => {
    expect(() => rewardOf({ type: 'bored' } as unknown as Outcome, parameters)).toThrow('{"type":"bored"}')
  })
})

describe('the reliability', () => {
  test.each<[string, Outcome[], number, number]>([
    ['one answer', [responded(0)], (0.5 + 1) / 2, 2],
    ['two answers', [responded(0), responded(0)], (0.5 + 1 + 1) / 3, 3],
    ['an answer and a failure', [responded(0), TIMED_OUT], (0.5 + 1 + 0.01) / 3, 3],
    ['as many as the cap', [responded(0), responded(0), responded(0)], 3.5 / 4, 4],
    ['more than the cap, so that it forgets', [responded(0), responded(0), responded(0), responded(0)], 3.5 / 4 * 3 / 4 + 1 / 4, 4]
  ])('after %s is the running mean of the rewards', (_, outcomes, reliability, weight) => {
    const record = after(...outcomes)

    expect(record.reliability).toBeCloseTo(reliability, 12)
    expect(record).toMatchObject({ weight, lastOutcome: outcomes.at(-1)?.type, updatedAt: 0 })
  })

  test.each<[string, Outcome]>([
    ['a time-out', TIMED_OUT],
    ['a dial that failed', REFUSED]
  ])('is as if %s had not been, when an answer takes its place', (_, failure) => {
    const late = replaceFailure(after(responded(0), failure), responded(200), parameters)

    expect(late.reliability).toBeCloseTo(after(responded(0), responded(200)).reliability, 12)
    expect(late).toMatchObject({ weight: 3, lastOutcome: 'responded' })
  })

  test('tells since when the peer answers, and when it did last', () => {
    const count = (record: PeerScore, outcome: Outcome, now: number): PeerScore => countOutcome({ ...record, updatedAt: now }, outcome, parameters)
    const first = count(unmetPeer(0), responded(0), 10)
    const again = count(first, responded(0), 20)
    const silent = count(again, TIMED_OUT, 30)
    const late = replaceFailure({ ...silent, updatedAt: 40 }, responded(0), parameters)

    expect(first).toMatchObject({ answeringSince: 10, answeredAt: 10 })
    expect(again).toMatchObject({ answeringSince: 10, answeredAt: 20 })
    expect(silent).toMatchObject({ answeringSince: 10, answeredAt: 20 })
    // it was there all the time
    expect(late).toMatchObject({ answeringSince: 10, answeredAt: 40 })
    // it had gone and is back
    expect(count(silent, responded(0), 50)).toMatchObject({ answeringSince: 50, answeredAt: 50 })
    // it is there, but will not serve
    expect(count(again, { type: 'protocolError' }, 60)).toMatchObject({ answeringSince: 10, answeredAt: 20 })
    expect(count(count(unmetPeer(0), TIMED_OUT, 5), responded(0), 70)).toMatchObject({ answeringSince: 70, answeredAt: 70 })
  })

  test.each([
    [0.99, responded(0), 1],
    [0.1, { type: 'timedOut', afterMs: 1 } as const, 0.1],
    [0.001, { type: 'dialFailed', class: 'noAddress' } as const, 0.011]
  ])('of %d stays within 0 and 1 when an answer takes the place of what was counted otherwise', (reliability, outcome, expected) => {
    const record = { ...unmetPeer(0), reliability, weight: 2, lastOutcome: 'timedOut' as const }

    expect(replaceFailure(record, outcome, parameters).reliability).toBeCloseTo(expected, 12)
  })

  test.each([
    [0.1, 0, 0.1],
    [0.1, 30 * MINUTE, 0.3],
    [0.1, 60 * MINUTE, 0.4],
    [0.4, 30 * MINUTE, 0.45],
    [0.1, -MINUTE, 0.1],
    [0.5, 60 * MINUTE, 0.5],
    [0.9, 60 * MINUTE, 0.9]
  ])('of %d has drifted after %d ms to %d, halfway to neutral in each half-life and never beyond', (reliability, ageMs, drifted) => {
    expect(driftedReliability({ ...unmetPeer(1000), reliability }, 1000 + ageMs, 30 * MINUTE)).toBeCloseTo(drifted, 12)
  })
})

describe('the latency', () => {
  test('of the first answer is the mean, and half of it the deviation', () => {
    expect(after(responded(80))).toMatchObject({ latencyMs: 80, latencyDeviationMs: 40 })
  })

  test('moves by an eighth, its deviation by a quarter', () => {
    expect(after(responded(80), responded(160))).toMatchObject({ latencyMs: 90, latencyDeviationMs: 50 })
  })

  test.each<[string, Outcome]>([
    ['a failure', TIMED_OUT],
    ['a malformed answer', { type: 'protocolError' }],
    ['a store whose latency is not known', { type: 'stored', latencyMs: undefined, setupMs: 5, dialled: true }]
  ])('stays as it is after %s', (_, outcome) => {
    expect(after(responded(80), outcome)).toMatchObject({ latencyMs: 80, latencyDeviationMs: 40 })
  })

  test('of an answer that comes late counts as well', () => {
    expect(replaceFailure(after(TIMED_OUT), responded(700), parameters)).toMatchObject({ latencyMs: 700, latencyDeviationMs: 350 })
  })
})

describe('the referral mean', () => {
  test.each([
    [[true], 0.75, 2],
    [[false], 0.25, 2],
    [[true, false], 0.5, 3],
    [[false, false, false], 0.125, 4],
    [[false, false, false, false], 0.125 * 3 / 4, 4]
  ])('of peers that answered so: %j, is %d', (answers, referral, referralWeight) => {
    const record = answers.reduce((before, answered) => countReferral(before, answered, parameters), unmetPeer(0))

    expect(record.referral).toBeCloseTo(referral, 12)
    expect(record).toEqual({ ...unmetPeer(0), referral: record.referral, referralWeight })
  })

  test('is put right when the peer answers that did not', () => {
    const before = countReferral(unmetPeer(0), true, parameters)

    expect(replaceFailedReferral(countReferral(before, false, parameters)).referral).toBeCloseTo(countReferral(before, true, parameters).referral, 12)
    expect(replaceFailedReferral({ ...before, referral: 0.9 }).referral).toBe(1)
  })
})

describe('the score', () => {
  test.each([
    ['good referrals raise nothing', 0.7, 1, 0.7],
    ['neutral ones lower nothing', 0.7, 0.5, 0.7],
    ['poor ones lower it', 0.7, 0.25, 0.6],
    ['the worst by the whole penalty', 0.7, 0, 0.5],
    ['but alone make nobody unacceptable', 0.4, 0, 0.3],
    ['and do not lift who is', 0.1, 0, 0.1]
  ])('follows from reliability and referrals: %s', (_, reliability, referral, score) => {
    expect(usefulness(reliability, referral, parameters)).toBeCloseTo(score, 12)
  })

  test.each([
    [1, 'good'],
    [0.6, 'good'],
    [0.59, 'neutral'],
    [0.3, 'neutral'],
    [0.29, 'unacceptable'],
    [0, 'unacceptable']
  ])('of %d is %s', (score, peerClass) => {
    expect(classOfScore(score, parameters)).toBe(peerClass)
  })
})
