import { describe, expect, test } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { PROTOCOL_ERROR, REFUSED, TIMED_OUT, responded } from '../score/outcomes.ts'
import type { Outcome } from '../../src/score/outcome.ts'
import type { PeerScoresInit } from '../../src/routing-table/peer-scores.ts'
import type { ScoreParametersInit } from '../../src/parameters/score-parameters.ts'

const MINUTE = 60_000
const HALF_LIFE = 30 * MINUTE

function createScores (init: ScoreParametersInit = {}, listeners: Omit<PeerScoresInit<string>, 'parameters'> = {}): PeerScores<string> {
  return new PeerScores<string>({ parameters: validateScoreParameters(init), ...listeners })
}

/** The score after these outcomes, one after another at time 0 */
function scoreAfter (outcomes: Outcome[], init: ScoreParametersInit = {}): number {
  const scores = createScores(init)

  for (const outcome of outcomes) {
    scores.record('a', outcome, 0)
  }

  return scores.score('a', 0)
}

describe('a score', () => {
  test('starts neutral', () => {
    const scores = createScores()

    expect(scores.score('a', 0)).toBe(0.5)
    expect(scores.classOf('a', 0)).toBe('neutral')
    expect(scores.get('a')).toBeUndefined()
    expect(scores.size).toBe(0)
  })

  test('is the mean of the rewards and the neutral start until the weight cap is reached', () => {
    expect(scoreAfter([responded(0)])).toBeCloseTo((0.5 + 1) / 2)
    expect(scoreAfter([responded(0), TIMED_OUT])).toBeCloseTo((0.5 + 1 + 0) / 3)
    expect(scoreAfter([responded(0), TIMED_OUT, responded(0)], { weightCap: 20 })).toBeCloseTo((0.5 + 1 + 0 + 1) / 4)
  })

  test('forgets what lies further back than the weight cap', () => {
    const failures = Array.from({ length: 100 }, () => TIMED_OUT)
    const answers = Array.from({ length: 5 }, () => responded(0))

    expect(scoreAfter([...failures, ...answers])).toBeCloseTo(1 - (2 / 3) ** 5)
  })

  test('of an unseen peer is unacceptable after one failure and good after one answer', () => {
    expect(scoreAfter([TIMED_OUT])).toBe(0.25)
    expect(scoreAfter([REFUSED])).toBe(0.25)
    expect(scoreAfter([responded(100)])).toBeGreaterThan(0.6)
  })

  test('of a slow peer does not fall below neutral', () => {
    expect(scoreAfter(Array.from({ length: 10 }, () => responded(3000)))).toBeGreaterThan(0.6)
    expect(scoreAfter(Array.from({ length: 10 }, () => responded(100_000)))).toBe(0.5)
  })

  test('of a peer that always answered takes three failures to become unacceptable', () => {
    const scores = createScores()
    const classes = []

    for (let i = 0; i < 10; i++) {
      scores.record('a', responded(50), 0)
    }

    for (let i = 0; i < 3; i++) {
      scores.record('a', TIMED_OUT, 0)
      classes.push(scores.classOf('a', 0))
    }

    expect(classes).toEqual(['good', 'neutral', 'unacceptable'])
  })

  test('has thresholds that belong to the better class', () => {
    const scores = createScores({ goodThreshold: 0.75, unacceptableThreshold: 0.25 })

    scores.record('good', responded(0), 0)
    scores.record('poor', TIMED_OUT, 0)

    expect(scores.classOf('good', 0)).toBe('good')
    expect(scores.classOf('poor', 0)).toBe('neutral')
  })
})

describe('drift', () => {
  test('brings a poor score halfway back to neutral in each half-life', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 0)

    expect(scores.score('a', HALF_LIFE)).toBeCloseTo(0.375)
    expect(scores.score('a', 2 * HALF_LIFE)).toBeCloseTo(0.4375)
    expect(scores.score('a', 1000 * HALF_LIFE)).toBeCloseTo(0.5)
  })

  test('makes a peer that failed once acceptable after 10 minutes', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 0)

    expect(scores.classOf('a', 9 * MINUTE)).toBe('unacceptable')
    expect(scores.classOf('a', 10 * MINUTE)).toBe('neutral')
  })

  test('leaves good scores alone', () => {
    const scores = createScores()
    scores.record('a', responded(0), 0)

    expect(scores.score('a', 1000 * HALF_LIFE)).toBe(0.75)
  })

  test('is folded into the mean by the next outcome and by a referral', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 0)
    scores.record('b', TIMED_OUT, 0)
    scores.record('a', responded(0), HALF_LIFE)
    scores.recordReferral('b', true, HALF_LIFE)

    expect(scores.get('a')?.reliability).toBeCloseTo(0.375 + (1 - 0.375) / 3)
    expect(scores.score('b', HALF_LIFE)).toBeCloseTo(0.375)
    expect(scores.score('b', 2 * HALF_LIFE)).toBeCloseTo(0.4375)
  })

  test('does not run backwards when the clock does', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, HALF_LIFE)

    expect(scores.score('a', 0)).toBe(0.25)
  })
})

describe('a late answer', () => {
  test('replaces the penalty of the deadline that it missed', () => {
    const late = createScores()
    const inTime = createScores()

    late.record('a', responded(100), 0)
    late.record('a', TIMED_OUT, 0)
    late.recordLate('a', responded(3000), 0)
    inTime.record('a', responded(100), 0)
    inTime.record('a', responded(3000), 0)

    expect(late.get('a')?.reliability).toBeCloseTo(inTime.score('a', 0))
    expect({ ...late.get('a'), reliability: 0 }).toEqual({ ...inTime.get('a'), reliability: 0 })
  })

  test('that was not understood keeps the reward of that', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 0)
    scores.recordLate('a', PROTOCOL_ERROR, 0)

    expect(scores.score('a', 0)).toBeCloseTo((0.5 + 0.1) / 2)
  })

  test('counts as one more outcome where the penalty is not the last', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 0)
    scores.record('a', responded(0), 0)
    scores.recordLate('a', responded(0), 0)
    scores.recordLate('unseen', responded(0), 0)

    expect(scores.score('a', 0)).toBeCloseTo(0.5 + 0.5 / 3)
    expect(scores.score('unseen', 0)).toBe(0.75)
  })

  test('never takes the score beyond its ends', () => {
    const scores = createScores({ weightCap: 1, timedOutReward: 0.5 })
    scores.restore('top', { ...createRecord(1), reliability: 0.9, lastOutcome: 'timedOut' })
    scores.restore('bottom', { ...createRecord(1), reliability: 0, lastOutcome: 'timedOut' })
    scores.recordLate('top', responded(0), 0)
    scores.recordLate('bottom', PROTOCOL_ERROR, 0)

    expect(scores.score('top', 0)).toBe(1)
    expect(scores.score('bottom', 0)).toBe(0)
  })

  test('that is a failure adds nothing to the penalty', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 0)
    const before = scores.get('a')
    scores.recordLate('a', REFUSED, 0)

    expect(scores.get('a')).toBe(before)
  })
})

describe('a silence', () => {
  test('lasts from the first time-out until the peer answers, be it late', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 1000)
    scores.record('a', TIMED_OUT, 3000)
    expect(scores.silentSince('a')).toBe(1000)

    scores.recordLate('a', responded(3000), 4000)
    expect(scores.silentSince('a')).toBeUndefined()

    scores.record('a', TIMED_OUT, 5000)
    expect(scores.silentSince('a')).toBe(5000)
  })

  test('begins anew after one that was taken back', () => {
    const scores = createScores()
    scores.record('a', responded(100), 0)
    const before = scores.get('a')
    scores.record('a', TIMED_OUT, 1000)
    const after = scores.get('a')
    expect(after).toBeDefined()

    if (after !== undefined) {
      scores.takeBack('a', before, after)
    }

    expect(scores.silentSince('a')).toBeUndefined()
    scores.record('a', TIMED_OUT, 9000)
    expect(scores.silentSince('a')).toBe(9000)
  })
})

describe('referrals', () => {
  function createWithLiar (init: ScoreParametersInit = {}): PeerScores<string> {
    const scores = createScores(init)

    for (let i = 0; i < 200; i++) {
      scores.record('liar', responded(0), 0)
      scores.recordReferral('liar', false, 0)
    }

    return scores
  }

  test('of a peer that names dead peers lower the start of those that it names, but not to unacceptable', () => {
    const scores = createWithLiar()

    expect(scores.score('unseen', 0, 'liar')).toBeCloseTo(0.35)
    expect(scores.classOf('unseen', 0, 'liar')).toBe('neutral')
    expect(createWithLiar({ referralPenalty: 0.2 }).classOf('unseen', 0, 'liar')).toBe('neutral')
  })

  test('of a peer that answered late are put right', () => {
    const early = createScores()
    const late = createScores()

    early.recordReferral('a', true, 0)
    late.recordReferral('a', false, 0)
    late.recordLateReferral('a', 0)

    expect(late.get('a')).toEqual(early.get('a'))
  })

  test('never raise the start of an unseen peer', () => {
    const scores = createScores()

    for (let i = 0; i < 50; i++) {
      scores.recordReferral('honest', true, 0)
    }

    expect(scores.get('honest')?.referral).toBeGreaterThan(0.9)
    expect(scores.score('unseen', 0, 'honest')).toBe(0.5)
    expect(scores.score('unseen', 0, 'nobody')).toBe(0.5)
  })

  test('do not touch peers that were met', () => {
    const scores = createWithLiar()
    scores.record('met', responded(0), 0)

    expect(scores.score('met', 0, 'liar')).toBe(0.75)
  })

  test('lower the score of a liar itself', () => {
    const scores = createWithLiar()

    expect(scores.score('liar', 0)).toBeCloseTo(0.85)
    expect(scores.classOf('liar', 0)).toBe('good')
  })

  test('alone make no peer unacceptable, and a poor one no poorer', () => {
    const scores = createWithLiar({ weightCap: 20 })

    while ((scores.get('liar')?.reliability ?? 0) > 0.32) {
      scores.record('liar', PROTOCOL_ERROR, 0)
    }

    expect(scores.score('liar', 0)).toBe(0.3)
    expect(scores.classOf('liar', 0)).toBe('neutral')

    scores.record('liar', PROTOCOL_ERROR, 0)
    scores.record('liar', PROTOCOL_ERROR, 0)

    expect(scores.score('liar', 0)).toBe(scores.get('liar')?.reliability)
  })

  test('are a mean over at most the cap', () => {
    const scores = createScores({ referralWeightCap: 4 })
    const seen = []

    for (const answered of [true, false, true, true]) {
      scores.recordReferral('a', answered, 0)
      seen.push(scores.get('a')?.referral)
    }

    expect(seen[0]).toBeCloseTo(1.5 / 2)
    expect(seen[1]).toBeCloseTo(1.5 / 3)
    expect(seen[2]).toBeCloseTo(2.5 / 4)
    expect(seen[3]).toBeCloseTo(2.5 / 4 + (1 - 2.5 / 4) / 4)
  })
})

describe('the peers', () => {
  test('are forgotten stalest first beyond the limit', () => {
    const evicted: string[] = []
    const scores = createScores({ maxPeers: 2 }, { onEvict: peer => evicted.push(peer) })

    scores.record('a', responded(0), 0)
    scores.record('b', responded(0), 0)
    scores.record('a', responded(0), 0)
    scores.record('c', responded(0), 0)
    scores.recordReferral('a', true, 0)
    scores.restore('d', createRecord(1))

    expect(evicted).toEqual(['b', 'c'])
    expect([...scores.entries()].map(([peer]) => peer)).toEqual(['a', 'd'])
  })

  test('are ranked with the best first', () => {
    const scores = createScores()
    scores.record('poor', TIMED_OUT, 0)
    scores.record('fast', responded(0), 0)
    scores.record('slow', responded(2000), 0)

    expect(scores.top(2, 0)).toEqual([{ peer: 'fast', score: 0.75 }, { peer: 'slow', score: expect.closeTo(0.65) }])
    expect(scores.top(10, 0).map(({ peer }) => peer)).toEqual(['fast', 'slow', 'poor'])
  })

  test('are counted by class', () => {
    const scores = createScores()
    scores.record('good', responded(0), 0)
    scores.record('also good', responded(0), 0)
    scores.record('neutral', responded(5000), 0)
    scores.record('poor', TIMED_OUT, 0)

    expect(scores.counts(0)).toEqual({ good: 2, neutral: 1, unacceptable: 1 })
    expect(scores.counts(HALF_LIFE)).toEqual({ good: 2, neutral: 2, unacceptable: 0 })
  })

  test('can be forgotten', () => {
    const scores = createScores()
    scores.record('a', TIMED_OUT, 0)

    expect(scores.delete('a')).toBe(true)
    expect(scores.delete('a')).toBe(false)
    expect(scores.score('a', 0)).toBe(0.5)
    expect(scores.size).toBe(0)
  })

  test('tell of each change, restored ones excepted', () => {
    const changed: string[] = []
    const scores = createScores({}, { onChange: peer => changed.push(`${peer} ${scores.get(peer)?.lastOutcome}`) })

    scores.restore('a', createRecord(1))
    scores.record('a', TIMED_OUT, 0)
    scores.recordLate('a', responded(0), 0)
    scores.recordReferral('b', true, 0)

    expect(changed).toEqual(['a timedOut', 'a responded', 'b undefined'])
  })

  test('keep records that were handed out as they were', () => {
    const scores = createScores()
    scores.record('a', responded(0), 0)
    const record = scores.get('a')
    const copy = { ...record }
    scores.record('a', TIMED_OUT, 0)

    expect(record).toEqual(copy)
    expect(scores.get('a')).not.toEqual(copy)
  })
})

describe('a restored record', () => {
  test('brings its expected wait along', () => {
    const scores = createScores()
    const record = createRecord(50)

    for (let i = 0; i < 200; i++) {
      scores.restore(`peer ${i}`, record)
    }

    expect(scores.expectedWait('unseen', true).meanMs).toBeCloseTo(50, -1)
  })

  test('is as it was', () => {
    const scores = createScores()
    scores.record('a', responded(100), 5)
    scores.recordReferral('a', false, 6)
    const restored = createScores()
    restored.restore('a', scores.get('a') ?? createRecord(0))

    expect(restored.get('a')).toEqual(scores.get('a'))
  })

  test('is brought within the caps of today', () => {
    const scores = createScores()
    scores.restore('heavy', { ...createRecord(1), weight: 500, referralWeight: 500 })
    scores.restore('light', { ...createRecord(1), weight: 0, referralWeight: 0 })

    expect(scores.get('heavy')).toMatchObject({ weight: 3, referralWeight: 20 })
    expect(scores.get('light')).toMatchObject({ weight: 1, referralWeight: 1 })
  })

  test.each([
    ['reliability', NaN],
    ['reliability', 1.01],
    ['reliability', -0.01],
    ['referral', 2],
    ['weight', NaN],
    ['weight', -1],
    ['referralWeight', Infinity],
    ['updatedAt', NaN],
    ['latencyMs', -5],
    ['latencyMs', undefined],
    ['latencyDeviationMs', NaN],
    ['latencyDeviationMs', undefined]
  ])('with %s %d is refused', (field, value) => {
    const scores = createScores()

    expect(() => scores.restore('a', { ...createRecord(1), [field]: value })).toThrow(RangeError)
    expect(() => scores.restore('a', { ...createRecord(1), [field]: value })).toThrow(`${field} is ${value}`)
    expect(scores.size).toBe(0)
  })
})

function createRecord (latencyMs: number) {
  return {
    reliability: 0.8,
    weight: 3,
    latencyMs,
    latencyDeviationMs: latencyMs / 4,
    referral: 0.5,
    referralWeight: 1,
    lastOutcome: 'responded' as const,
    answeringSince: 0,
    answeredAt: 0,
    updatedAt: 0
  }
}
