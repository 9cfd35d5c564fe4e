import { describe, expect, test } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { DEFAULTS } from '../../src/parameters/score-parameters.ts'
import { TIMED_OUT, responded } from './outcomes.ts'

describe('an explanation', () => {
  test('of a peer that was never met', () => {
    const scores = new PeerScores<string>({ parameters: DEFAULTS })

    expect(scores.explain('a', 0)).toEqual({
      peerClass: 'neutral',
      score: 0.5,
      record: undefined,
      drift: 0,
      referralPenalty: 0,
      thresholds: { good: 0.6, unacceptable: 0.3 },
      reasons: ['neutral: its score 0.50 is at least 0.3 and below 0.6', 'never asked, so it starts neutral']
    })
  })

  test('of a good peer says how fast it answers', () => {
    const scores = new PeerScores<string>({ parameters: DEFAULTS })
    scores.record('a', responded(100), 0)

    expect(scores.explain('a', 0)).toMatchObject({
      peerClass: 'good',
      record: scores.get('a'),
      reasons: [
        'good: its score 0.74 is at least 0.6',
        'reliability 0.74 with weight 2 of 3, last outcome: responded',
        'answers in 100 ms, give or take 50 ms'
      ]
    })
  })

  test('of a poor peer says how far it has drifted', () => {
    const scores = new PeerScores<string>({ parameters: DEFAULTS })
    scores.record('a', TIMED_OUT, 0)
    scores.record('a', TIMED_OUT, 0)

    const { peerClass, drift, reasons } = scores.explain('a', 15 * 60_000)
    expect(peerClass).toBe('unacceptable')
    expect(drift).toBeCloseTo(scores.score('a', 15 * 60_000) - scores.score('a', 0))
    expect(reasons).toEqual([
      'unacceptable: its score 0.26 is below 0.3',
      'reliability 0.17 with weight 3 of 3, last outcome: timedOut',
      'reliability has drifted from 0.17 to 0.26 in 15 min without an outcome'
    ])
    expect(scores.explain('a', 5000).reasons).toContainEqual(expect.stringContaining('in 5 s without'))
  })

  test('of a peer that names dead peers says what that costs', () => {
    const scores = new PeerScores<string>({ parameters: DEFAULTS })
    scores.record('a', responded(0), 0)
    scores.recordReferral('a', false, 0)

    expect(scores.explain('a', 0)).toMatchObject({
      score: scores.score('a', 0),
      referralPenalty: expect.closeTo(0.075),
      reasons: expect.arrayContaining(['of the peers that it named 25% answered, which costs it 0.07'])
    })
  })
})
