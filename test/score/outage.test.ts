import { describe, expect, test } from 'vitest'
import { PeerScores } from '../../src/score/peer-scores.ts'
import { validateScoreParameters } from '../../src/score/score-parameters.ts'
import { PROTOCOL_ERROR, REFUSED, TIMED_OUT, responded } from './outcomes.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const OUTAGE_PEERS = 5

/** Peers 0 to 19 are good, the rest was never met */
function createScores (onChange: (peer: number) => void = () => {}): PeerScores<number> {
  const scores = new PeerScores<number>({ parameters: validateScoreParameters({ outagePeers: OUTAGE_PEERS }), onChange })

  for (let peer = 0; peer < 20; peer++) {
    scores.record(peer, responded(50), 0)
    scores.record(peer, responded(50), 0)
  }

  return scores
}

function fail (scores: PeerScores<number>, peers: number[], outcome: Outcome = TIMED_OUT): void {
  for (const peer of peers) {
    scores.record(peer, outcome, 0)
  }
}

function snapshot (scores: PeerScores<number>): Map<number, unknown> {
  return new Map([...scores.entries()].sort(([a], [b]) => a - b))
}

describe('our own outage', () => {
  test('takes back the penalties that revealed it and discards further ones', () => {
    const scores = createScores()
    const before = snapshot(scores)

    fail(scores, [0, 1, 2, 3])
    expect(scores.inOutage).toBe(false)
    expect(scores.score(0, 0)).toBeLessThan(0.6)

    fail(scores, [4], REFUSED)
    expect(scores.inOutage).toBe(true)
    expect(snapshot(scores)).toEqual(before)

    fail(scores, [0, 5, 6, 100])
    expect(snapshot(scores)).toEqual(before)
  })

  test('takes back the penalties of peers never met, which stay neutral', () => {
    const scores = createScores()
    fail(scores, [100, 101])
    fail(scores, [0, 1, 2, 3, 4])

    expect(scores.score(100, 0)).toBe(0.5)
    expect(scores.score(101, 0)).toBe(0.5)
  })

  test('takes back poor referrals', () => {
    const scores = createScores()
    const before = scores.get(10)

    for (const peer of [0, 1, 2, 3]) {
      scores.record(peer, TIMED_OUT, 0)
      scores.recordReferral(10, false, 0)
    }

    expect(scores.get(10)?.referral).toBeLessThan(0.2)

    scores.record(4, TIMED_OUT, 0)
    scores.recordReferral(10, false, 0)

    expect(scores.get(10)).toEqual(before)
  })

  test('tells of each record that it takes back', () => {
    const changed: number[] = []
    const scores = createScores(peer => changed.push(peer))
    fail(scores, [0, 1, 2, 3])
    changed.length = 0
    fail(scores, [4])

    expect(changed.sort()).toEqual([0, 1, 2, 3, 4])
  })

  test.each([
    ['an answer', (scores: PeerScores<number>) => scores.record(10, responded(50), 0)],
    ['an answer that is not understood', (scores: PeerScores<number>) => scores.record(10, PROTOCOL_ERROR, 0)],
    ['an invalid record', (scores: PeerScores<number>) => scores.record(10, { type: 'invalidRecord' }, 0)],
    ['a late answer', (scores: PeerScores<number>) => scores.recordLate(3, responded(50), 0)]
  ])('is disproved and ended by %s', (_, giveSignOfLife) => {
    const scores = createScores()
    fail(scores, [0, 1, 2, 3])
    giveSignOfLife(scores)
    fail(scores, [4, 5, 6, 7])
    expect(scores.inOutage).toBe(false)
    expect(scores.score(0, 0)).toBeLessThan(0.6)

    fail(scores, [8])
    expect(scores.inOutage).toBe(true)

    giveSignOfLife(scores)
    expect(scores.inOutage).toBe(false)
    fail(scores, [9])
    expect(scores.score(9, 0)).toBeLessThan(0.6)
  })

  test('keeps what was learned before the last sign of life', () => {
    const scores = createScores()
    fail(scores, [19])
    const penalised = scores.get(19)
    scores.record(10, responded(50), 0)
    fail(scores, [19, 0, 1, 2, 3, 4])

    expect(scores.inOutage).toBe(true)
    expect(scores.get(19)).toEqual(penalised)
  })

  test('is not one peer failing many times', () => {
    const scores = createScores()
    fail(scores, Array.from({ length: 100 }, () => 0))

    expect(scores.inOutage).toBe(false)
    expect(scores.classOf(0, 0)).toBe('unacceptable')
  })

  test('is not many peers failing of which none was expected to answer', () => {
    const scores = createScores()
    const dead = Array.from({ length: 2000 }, (_, i) => 100 + i)
    fail(scores, dead)

    expect(scores.inOutage).toBe(false)
    expect(dead.every(peer => scores.classOf(peer, 0) === 'unacceptable')).toBe(true)
  })

  test('is not many peers failing that had become poor before', () => {
    const scores = createScores()

    for (const peer of [0, 1, 2, 3, 4]) {
      fail(scores, [peer, peer, peer])
      scores.record(10, responded(50), 0)
    }

    fail(scores, [0, 1, 2, 3, 4])
    expect(scores.inOutage).toBe(false)
  })

  test('does not bring back peers that were forgotten meanwhile', () => {
    const scores = createScores()
    fail(scores, [0, 1, 2, 3])
    scores.delete(0)
    fail(scores, [4, 5])

    expect(scores.inOutage).toBe(true)
    expect(scores.has(0)).toBe(false)
  })

  test('does not bring back peers that were evicted meanwhile', () => {
    const scores = new PeerScores<number>({ parameters: validateScoreParameters({ outagePeers: 2, maxPeers: 2 }) })
    scores.record(1, TIMED_OUT, 0)
    scores.record(2, TIMED_OUT, 0)
    scores.record(3, TIMED_OUT, 0)

    expect(scores.size).toBe(2)
    expect(scores.has(1)).toBe(false)
  })

  test('remembers a bounded number of penalties to take back, the latest', () => {
    const scores = createScores()
    fail(scores, Array.from({ length: 1500 }, (_, i) => 100 + i))
    fail(scores, [0, 1, 2, 3, 4])

    expect(scores.inOutage).toBe(true)
    expect(scores.classOf(100, 0)).toBe('unacceptable')
    expect(scores.classOf(1599, 0)).toBe('neutral')
  })
})
