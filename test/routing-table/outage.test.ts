import { describe, expect, test } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { PROTOCOL_ERROR, REFUSED, TIMED_OUT, responded } from '../score/outcomes.ts'
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

describe('an outage among few peers, with times', () => {
  const RTT_MS = 60

  /** So many good peers, all of them known to answer after 60 ms */
  function known (peers: number): PeerScores<number> {
    const scores = new PeerScores<number>({ parameters: validateScoreParameters() })

    for (let round = 0; round < 4; round++) {
      for (let peer = 0; peer < peers; peer++) {
        scores.record(peer, responded(RTT_MS), 1000 * round, { startedAt: 1000 * round - RTT_MS })
      }
    }

    return scores
  }

  function failAt (scores: PeerScores<number>, peers: number[], startedAt: number, failedAt: number, outcome: Outcome = TIMED_OUT): void {
    for (const peer of peers) {
      scores.record(peer, outcome, failedAt, { startedAt })
    }
  }

  function answerAt (scores: PeerScores<number>, peer: number, now: number): void {
    scores.record(peer, responded(RTT_MS), now, { startedAt: now - RTT_MS })
  }

  const classes = (scores: PeerScores<number>, now: number): string[] => Array.from(scores.entries(), ([peer]) => scores.classOf(peer, now))

  test.each([[8, 5], [20, 15], [200, 30]])('leaves %i known peers good when %i fail and somebody answers a later request', (peers, failing) => {
    const scores = known(peers)
    const failed = Array.from({ length: failing }, (_, i) => i)

    for (let ms = 10_000; ms < 13_000; ms += 250) {
      failAt(scores, failed, ms, ms + 1, REFUSED)
    }

    expect(scores.inOutage).toBe(true)
    expect(classes(scores, 13_000)).toEqual(Array.from({ length: peers }, () => 'good'))

    answerAt(scores, peers - 1, 13_100)
    expect(scores.inOutage).toBe(false)
    expect(classes(scores, 13_100)).toEqual(Array.from({ length: peers }, () => 'good'))
  })

  test('is none when somebody answers a request of the same time: the others are to blame', () => {
    const scores = known(8)

    for (const ms of [10_000, 11_000, 12_000]) {
      failAt(scores, [0, 1, 2, 3, 4], ms, ms + 1, REFUSED)
      answerAt(scores, 7, ms + RTT_MS)
    }

    for (const dead of [0, 1, 2, 3, 4]) {
      expect(scores.classOf(dead, 12_100)).toBe('unacceptable')
    }
  })

  test('is none when the failures come after somebody has answered', () => {
    const scores = known(8)

    for (const ms of [10_000, 11_000, 12_000]) {
      answerAt(scores, 7, ms + RTT_MS)
      failAt(scores, [0, 1, 2, 3, 4], ms, ms + 200)
    }

    expect(scores.classOf(0, 12_300)).toBe('unacceptable')
  })

  test('excuses a request that was under way when it ended', () => {
    const scores = known(8)
    failAt(scores, [0, 1, 2, 3, 4], 10_000, 10_200)
    answerAt(scores, 7, 13_000)
    const before = scores.get(5)
    failAt(scores, [5], 12_900, 13_100)
    expect(scores.get(5)).toBe(before)

    failAt(scores, [5], 13_050, 13_250)
    expect(scores.score(5, 13_250)).toBeLessThan(0.7)
  })

  test('excuses nobody twice that has not answered in between: if all peers of old are gone, they are found out', () => {
    const scores = known(8)
    const gone = [0, 1, 2, 3, 4, 5, 6, 7]

    for (let ms = 10_000; ms <= 13_000; ms += 1000) {
      failAt(scores, gone, ms, ms + 200)
      // a stranger is asked when they have failed
      answerAt(scores, 100, ms + 300)
    }

    expect(gone.map(peer => scores.classOf(peer, 13_300))).toEqual(gone.map(() => 'unacceptable'))
  })

  test('is told by connections that were lost at once, where few requests were under way', () => {
    const scores = known(60)
    answerAt(scores, 9, 10_000)

    for (let peer = 0; peer < 60; peer++) {
      scores.connectionLost(peer, 10_040)
    }

    failAt(scores, [0, 1], 9_990, 10_040)
    answerAt(scores, 9, 13_000)

    expect(scores.score(0, 13_000)).toBeGreaterThan(0.9)
    expect(scores.score(1, 13_000)).toBeGreaterThan(0.9)
  })

  test('is not told by connections that are lost one now and then', () => {
    const scores = known(60)

    for (let peer = 0; peer < 60; peer++) {
      scores.connectionLost(peer, 10_000 + 2000 * peer)
    }

    failAt(scores, [0], 130_100, 130_100)
    answerAt(scores, 9, 140_000)

    expect(scores.score(0, 140_000)).toBeLessThan(0.7)
  })

  test('is over at once when this process has stood still, and what was under way is excused', () => {
    const scores = known(8)
    scores.interrupted(40_000)
    const before = scores.get(0)
    failAt(scores, [0, 1], 10_000, 40_010)
    failAt(scores, [0, 1], 40_900, 41_200)
    expect(scores.get(0)).toBe(before)

    failAt(scores, [0], 41_020, 41_300)
    expect(scores.score(0, 41_300)).toBeLessThan(0.7)
  })

  test('tells of the failures that count only when that is known, and never of those that do not', () => {
    const told: Array<[number, string]> = []
    const scores = new PeerScores<number>({ parameters: validateScoreParameters(), onOutcome: (peer, { type }) => { told.push([peer, type]) } })

    for (let peer = 0; peer < 6; peer++) {
      scores.record(peer, responded(RTT_MS), 0)
    }

    told.length = 0
    failAt(scores, [0, 1, 2], 1000, 1001, REFUSED)
    const early = told.length
    answerAt(scores, 5, 1000 + RTT_MS)
    expect([early, told.length]).toEqual([2, 2 + 3 + 1])

    told.length = 0
    failAt(scores, [0, 1, 2, 3, 4], 5000, 5001, REFUSED)
    failAt(scores, [0, 1, 2, 3, 4], 6000, 6001, REFUSED)
    const during = told.length
    answerAt(scores, 5, 9000)
    expect(told.slice(during)).toEqual([[5, 'responded']])
  })
})
