import { describe, expect, test } from 'vitest'
import { OutageDetector, isExpectedToAnswer } from '../../src/liveness/outage-detector.ts'
import { unmetPeer } from '../../src/score/score-formula.ts'
import { TIMED_OUT } from '../score/outcomes.ts'
import type { Silence, SilenceVerdict } from '../../src/liveness/outage-detector.ts'
import type { PeerScore } from '../../src/score/peer-score.ts'

/** A peer that answers within 100 ms */
const GOOD: PeerScore = { ...unmetPeer(0), reliability: 0.9, weight: 3, latencyMs: 100, latencyDeviationMs: 10, lastOutcome: 'responded' }

const POOR: PeerScore = { ...GOOD, reliability: 0.2, lastOutcome: 'timedOut' }

/** Five failures make an outage where many peers are known */
function detector (known = 1000): OutageDetector<number> {
  return new OutageDetector<number>({ peers: 5, expectedPeers: limit => Math.min(limit, known) })
}

function silence (peer: number, startedAt: number, failedAt = startedAt + 200): Silence<number> {
  return { peer, outcome: TIMED_OUT, referrer: undefined, startedAt, failedAt }
}

/** Requests to these peers, all of one time, fail one after another */
function fail (outage: OutageDetector<number>, peers: number[], startedAt: number, before = GOOD): Array<SilenceVerdict<number>['type']> {
  return peers.map(peer => outage.failed(silence(peer, startedAt), before).type)
}

describe('failures', () => {
  test('count until there are enough of them, and the last one takes those before back', () => {
    const outage = detector()
    expect(fail(outage, [1, 2, 3, 4], 1000)).toEqual(['counts', 'counts', 'counts', 'counts'])

    const verdict = outage.failed(silence(5, 1000), GOOD)
    expect(verdict).toEqual({ type: 'held', takenBack: new Map([1, 2, 3, 4, 5].map(peer => [peer, GOOD])) })
    expect(outage.inOutage).toBe(true)
  })

  test('are held without taking anything back once it is an outage', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4, 5], 1000)

    expect(outage.failed(silence(6, 1100), GOOD)).toEqual({ type: 'held', takenBack: new Map() })
  })

  test('of one peer are one piece of evidence', () => {
    const outage = detector()

    expect(fail(outage, [1, 1, 1, 1, 1, 1], 1000)).not.toContain('held')
  })

  test.each([
    ['have never answered', unmetPeer(0)],
    ['are poor', POOR]
  ])('of peers that %s are none', (_, before) => {
    const outage = detector()

    expect(fail(outage, [1, 2, 3, 4, 5, 6, 7], 1000, before)).not.toContain('held')
  })

  test('of requests whose answer was due before somebody answered are none', () => {
    const outage = detector()
    outage.signOfLife(99, 1000, 1050)

    expect(fail(outage, [1, 2, 3, 4, 5], 1000)).not.toContain('held')
    expect(fail(outage, [1, 2, 3, 4, 5], 1001)).toContain('held')
  })

  test.each([
    [2, 3],
    [6, 3],
    [8, 4],
    [9, 5],
    [500, 5]
  ])('make an outage, where %i peers are expected to answer, when %i of them fail', (known, needed) => {
    expect(fail(detector(known), [1, 2, 3, 4, 5], 1000).indexOf('held') + 1).toBe(needed)
  })

  test('that are taken back are no more than a thousand, the latest', () => {
    const outage = new OutageDetector<number>({ peers: 1000, expectedPeers: limit => limit })
    fail(outage, Array.from({ length: 500 }, (_, i) => i), 0, POOR)
    fail(outage, Array.from({ length: 999 }, (_, i) => 1000 + i), 1000)

    const verdict = outage.failed(silence(5000, 1000), GOOD)
    expect(verdict.type === 'held' ? [...verdict.takenBack.keys()].filter(peer => peer < 1000) : undefined).toEqual([])
    expect(verdict.type === 'held' ? verdict.takenBack.size : 0).toBe(1000)
  })
})

describe('a sign of life', () => {
  test('of a request that was made after the answers were due shows an outage: the failures are dropped', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4, 5, 6], 1000)

    expect(outage.signOfLife(9, 1101, 1300)).toEqual([])
    expect(outage.inOutage).toBe(false)
  })

  test('of a request of the same time shows that there was none: the failures count after all, the oldest first', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4, 5, 6], 1000)

    expect(outage.signOfLife(9, 1100, 1300)).toEqual([1, 2, 3, 4, 5, 6].map(peer => silence(peer, 1000)))
    expect(outage.inOutage).toBe(false)
  })

  test('without an outage tells of nothing, and failures begin anew', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4], 1000)

    expect(outage.signOfLife(9, 1000, 1300)).toEqual([])
    expect(fail(outage, [5, 6, 7, 8], 2000)).not.toContain('held')
  })

  test('after an outage excuses what was asked before it', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4, 5], 1000)
    outage.signOfLife(9, 1200, 1300)

    expect(fail(outage, [7], 1299)).toEqual(['excused'])
    expect(fail(outage, [8], 1300)).toEqual(['counts'])
  })

  test('lets nobody be excused twice who has not answered in between', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4, 5], 1000)
    outage.signOfLife(9, 1200, 1300)
    expect(fail(outage, [1, 2, 3, 4, 5], 2000)).not.toContain('held')

    outage.signOfLife(1, 2500, 2600)
    expect(fail(outage, [1, 6, 7, 8, 10], 3000)).toContain('held')
  })
})

describe('connections that are lost', () => {
  test('at once, with failures beside them, make an outage', () => {
    const outage = detector()
    fail(outage, [1], 1000)
    const verdicts = [2, 3, 4, 5].map(peer => outage.connectionLost(peer, GOOD, 1300).type)

    expect(verdicts).toEqual(['counts', 'counts', 'counts', 'held'])
  })

  test.each([
    ['without a failure', (outage: OutageDetector<number>) => [2, 3, 4, 5, 6].map(peer => outage.connectionLost(peer, GOOD, 1300).type)],
    ['long after the last failure', (outage: OutageDetector<number>) => {
      fail(outage, [1], 1000)

      return [2, 3, 4, 5, 6].map(peer => outage.connectionLost(peer, GOOD, 2201).type)
    }],
    ['one now and then', (outage: OutageDetector<number>) => [
      ...[2, 3, 4, 5, 6].map(peer => outage.connectionLost(peer, GOOD, 1500 * peer).type),
      ...fail(outage, [1], 9000)
    ]],
    ['of peers that nobody expects to answer', (outage: OutageDetector<number>) => {
      fail(outage, [1], 1000)

      return [2, 3, 4, 5, 6].map(peer => outage.connectionLost(peer, POOR, 1300).type)
    }]
  ])('%s make none', (_, lose) => {
    expect(lose(detector())).not.toContain('held')
  })
})

describe('a process that stood still', () => {
  test('ends an outage, and excuses what was under way and what begins within a second', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4, 5], 1000)
    outage.interrupted(10_000)

    expect(outage.inOutage).toBe(false)
    expect(fail(outage, [6], 1500)).toEqual(['excused'])
    expect(fail(outage, [6], 10_999)).toEqual(['excused'])
    expect(fail(outage, [6], 11_000)).toEqual(['counts'])
  })

  test('again within half a minute gets no second to catch up', () => {
    const outage = detector()
    outage.interrupted(10_000)
    outage.interrupted(39_999)

    expect(fail(outage, [6], 39_998)).toEqual(['excused'])
    expect(fail(outage, [6], 39_999)).toEqual(['counts'])
  })
})

describe('a peer whose record is gone', () => {
  test('is no evidence any more, and nothing of it is taken back', () => {
    const outage = detector()
    fail(outage, [1, 2, 3, 4], 1000)
    outage.forget(1)
    expect(fail(outage, [5], 1000)).toEqual(['counts'])

    const verdict = outage.failed(silence(6, 1000), GOOD)
    expect(verdict.type === 'held' ? [...verdict.takenBack.keys()] : []).toEqual([2, 3, 4, 5, 6])
  })
})

describe('a record that was remembered before a penalty', () => {
  test('is taken back as it was then, whatever came later', () => {
    const outage = detector()
    outage.remember(7, GOOD)
    outage.remember(7, POOR)
    fail(outage, [1, 2, 3, 4], 1000)

    const verdict = outage.failed(silence(5, 1000), GOOD)
    expect(verdict.type === 'held' ? verdict.takenBack.get(7) : undefined).toBe(GOOD)
  })
})

describe('who is expected to answer', () => {
  test.each<[string, PeerScore, boolean]>([
    ['a good peer', GOOD, true],
    ['a neutral one that has answered', { ...GOOD, reliability: 0.5 }, true],
    ['one below neutral', { ...GOOD, reliability: 0.49 }, false],
    ['a stranger', unmetPeer(0), false]
  ])('%s: %s', (_, record, expected) => {
    expect(isExpectedToAnswer(record)).toBe(expected)
  })
})
