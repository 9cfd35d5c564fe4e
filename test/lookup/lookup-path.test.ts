import { describe, expect, test } from 'vitest'
import { CandidateList } from '../../src/lookup/candidate-list.ts'
import { LookupPath } from '../../src/lookup/lookup-path.ts'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { lookupPeer } from './lookup-peer.ts'
import type { CandidateState, LookupCandidate, LookupPeer } from '../../src/lookup/candidate-list.ts'

const K = 3

const HEARD: CandidateState = { type: 'heard' }
const RESPONDED: CandidateState = { type: 'responded' }
const FAILED: CandidateState = { type: 'failed' }
const ASKED: CandidateState = { type: 'asked', sinceMs: 0 }
const LATE: CandidateState = { type: 'late', sinceMs: 0, wasSilent: true }
const UNCHECKED: CandidateState = { type: 'unchecked', sinceMs: 0 }

const POOR: Partial<LookupPeer<number>> = { peerClass: 'unacceptable', score: 0.1 }
const GOOD: Partial<LookupPeer<number>> = { peerClass: 'good', score: 0.9 }

type Peer = [state: CandidateState, facts?: Partial<LookupPeer<number>>, rest?: Partial<Pick<LookupCandidate<number>, 'reached' | 'sign'>>]

/** A path whose peers have the distances 1, 2, 3 and so on */
function path (peers: Peer[], beta = K, nearLog2?: number): LookupPath<number> {
  const list = new CandidateList<number>({ target: Uint8Array.of(0), path: 0, capacity: 100 })

  peers.forEach(([state, facts, rest], index) => {
    Object.assign(list.add(lookupPeer(index + 1, facts), 0).added, { state, ...rest })
  })

  return new LookupPath({ list, parameters: validateLookupParameters({ k: K }), graces: { silent: 1000, signed: 1000, connected: 4000 }, beta, nearLog2 })
}

describe('the front of a path', () => {
  const distances = (candidates: Array<LookupCandidate<number>>): number[] => candidates.map(({ facts }) => facts.peer)

  test.each<[string, Peer[], number, { candidates: number[], passedOver?: number[], inFlight?: number, inPlay: number, arrived?: boolean }]>([
    ['is the k closest', [[HEARD], [HEARD], [HEARD], [HEARD]], 1, { candidates: [1, 2, 3], inPlay: 3 }],
    ['has no more than there are', [[HEARD], [HEARD]], 1, { candidates: [1, 2], inPlay: 2 }],
    ['passes by who failed, is late or not checked yet', [[FAILED], [LATE], [UNCHECKED], [HEARD], [HEARD], [HEARD]], 1, { candidates: [4, 5, 6], inPlay: 3 }],
    ['counts who is asked and who has answered', [[ASKED], [RESPONDED], [HEARD], [HEARD]], 1, { candidates: [3], inFlight: 1, inPlay: 3 }],
    ['reaches further where strangers often do not answer', [[HEARD], [HEARD], [HEARD], [HEARD], [HEARD], [HEARD], [HEARD]], 0.5, { candidates: [1, 2, 3, 4, 5, 6], inPlay: 6 }],
    ['takes good peers for ones that answer', [[HEARD, GOOD], [HEARD, GOOD], [HEARD, GOOD], [HEARD]], 0.5, { candidates: [1, 2, 3], inPlay: 3 }],
    ['passes unacceptable peers over', [[HEARD, POOR], [HEARD], [HEARD, POOR], [HEARD], [HEARD], [HEARD, POOR]], 1, { candidates: [2, 4, 5], passedOver: [1, 3], inPlay: 3 }],
    ['but not those with news', [[HEARD, POOR, { sign: 'news' }], [HEARD], [HEARD]], 1, { candidates: [1, 2, 3], inPlay: 3 }],
    ['nor those that are connected and have just begun to be silent', [[HEARD, { ...POOR, suspect: true, silentMs: 100, connected: true }], [HEARD], [HEARD]], 1, { candidates: [1, 2, 3], inPlay: 3 }],
    ['nor those that have answered', [[RESPONDED, POOR], [HEARD], [HEARD], [HEARD]], 1, { candidates: [2, 3], inPlay: 3, arrived: true }],
    ['has arrived when its closest has answered', [[FAILED], [RESPONDED], [HEARD], [HEARD]], 1, { candidates: [3, 4], inPlay: 3, arrived: true }]
  ])('%s', (_, peers, answerRate, { candidates, passedOver = [], inFlight = 0, inPlay, arrived = false }) => {
    const front = path(peers).front(answerRate)

    expect({ ...front, candidates: distances(front.candidates), passedOver: distances(front.passedOver) })
      .toEqual({ candidates, passedOver, inFlight, connectedInFlight: 0, inPlay, arrived, hasNear: false })
  })

  test('knows who of those in flight was connected', () => {
    expect(path([[ASKED, { connected: true }], [ASKED], [HEARD, { connected: true }]]).front(1)).toMatchObject({ inFlight: 2, connectedInFlight: 1 })
  })
})

describe('the front of a path that knows how far the k closest reach', () => {
  const heard = (n: number): Peer[] => Array.from({ length: n }, () => [HEARD])
  // nine peers are in play, as each of them counts for a third of one
  const front = (peers: Peer[], nearLog2: number): number[] => path(peers, K, nearLog2).front(1 / 3).candidates.map(({ facts }) => facts.peer)

  test('has four others beside the near ones', () => {
    expect(front(heard(9), Math.log2(2))).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('of which those in flight are a part', () => {
    expect(front([...heard(6), [ASKED], [ASKED], [ASKED]], Math.log2(2))).toEqual([1, 2, 3])
    expect(front([...heard(6), [RESPONDED], [RESPONDED], [RESPONDED]], Math.log2(2))).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('has as many as ever where nobody is near', () => {
    expect(front([[FAILED], ...heard(9)], 0)).toHaveLength(9)
    expect(path([[FAILED], ...heard(3)], K, 0).front(1).hasNear).toBe(false)
    expect(path([[HEARD], ...heard(3)], K, 0).front(1).hasNear).toBe(true)
  })
})

describe('a path', () => {
  const ALL = { canAsk: true, canProbe: true, silentGraceMs: 1000 }
  const RUNNING = { type: 'running', wakeAtMs: undefined }
  const CONVERGED = { type: 'converged' }
  const EXHAUSTED = { type: 'exhausted' }
  const until = (wakeAtMs: number): { type: string, wakeAtMs: number } => ({ type: 'running', wakeAtMs })
  const answers: Peer[] = [[RESPONDED], [RESPONDED], [RESPONDED]]

  test.each<[string, Peer[], { type: string, wakeAtMs?: number | undefined }, number?, Partial<typeof ALL>?]>([
    ['has converged when the k closest have answered', [...answers, [HEARD]], CONVERGED],
    ['has converged though a closer one failed', [[FAILED], ...answers], CONVERGED],
    ['is exhausted when all have answered or failed and there are fewer', [[RESPONDED], [FAILED], [RESPONDED]], EXHAUSTED],
    ['goes on while a closer one was not asked', [[HEARD], ...answers], RUNNING],
    ['unless nobody may be asked any more', [[HEARD], ...answers], CONVERGED, 500, { canAsk: false }],
    ['goes on while a closer one is in its slot', [[ASKED], ...answers], RUNNING],
    ['waits for a late one within its grace', [[LATE], ...answers], until(1000), 999],
    ['and no longer', [[LATE], ...answers], CONVERGED, 1000],
    ['waits less, the less patient it is', [[LATE], ...answers], until(300), 299, { silentGraceMs: 300 }],
    ['but as long as ever for one that has shown life', [[LATE, {}, { sign: 'asBefore' }], ...answers], until(1000), 999, { silentGraceMs: 0 }],
    ['waits longer for a late one that was reached', [[LATE, {}, { reached: true }], ...answers], until(4000), 3999, { silentGraceMs: 0 }],
    ['and for one behind a relay that has shown life', [[LATE, { relayed: true }, { sign: 'asBefore' }], ...answers], until(4000), 3999, { silentGraceMs: 0 }],
    ['but not for one whose relay is silent', [[LATE, { relayed: true }], ...answers], CONVERGED, 0, { silentGraceMs: 0 }],
    ['waits for nobody that is late once more', [[LATE, { suspect: true }], ...answers], CONVERGED, 0],
    ['but for one that is connected and was not waited for in vain', [[LATE, { suspect: true }, { reached: true }], ...answers], until(4000), 3999],
    ['and not once it was', [[LATE, { suspect: true, silentMs: 4000 }, { reached: true }], ...answers], CONVERGED, 0],
    ['waits for one that is being checked within its grace', [[UNCHECKED], ...answers], until(1000), 999],
    ['and no longer than that', [[UNCHECKED], ...answers], CONVERGED, 1000],
    ['does not wait for an unacceptable one that would cost time', [[HEARD, POOR], ...answers], CONVERGED],
    ['probes one that fails fast', [[HEARD, { ...POOR, failsFast: true }], ...answers], RUNNING],
    ['and one whose score is stale', [[HEARD, { ...POOR, stale: true }], ...answers], RUNNING],
    ['unless it has probed enough', [[HEARD, { ...POOR, stale: true }], ...answers], CONVERGED, 500, { canProbe: false }],
    ['waits for a probe until most would have shown life', [[ASKED, { ...POOR, stale: true, probeHoldMs: 300 }], ...answers], until(300), 299],
    ['and no longer for that one', [[ASKED, { ...POOR, stale: true, probeHoldMs: 300 }], ...answers], CONVERGED, 300],
    ['nor for one that got as far as before', [[ASKED, { ...POOR, stale: true, probeHoldMs: 300 }, { sign: 'asBefore' }], ...answers], CONVERGED, 0],
    ['nor for one whose score is not stale', [[ASKED, POOR], ...answers], CONVERGED, 0],
    ['waits for a probe with news', [[ASKED, { ...POOR, stale: true }, { sign: 'news' }], ...answers], RUNNING],
    ['does not wait for a suspect that got as far as before', [[ASKED, { ...POOR, suspect: true }, { sign: 'asBefore' }], ...answers], CONVERGED],
    ['unless its connection stands', [[ASKED, { ...POOR, suspect: true }, { sign: 'asBefore', reached: true }], ...answers], RUNNING],
    ['never waits for an unacceptable one that is late', [[LATE, POOR], ...answers], CONVERGED, 0],
    ['unless it is connected and has just begun to be silent', [[LATE, { ...POOR, suspect: true, silentMs: 3999 }, { reached: true }], ...answers], until(4000), 3999],
    ['whose slot it waits for too', [[ASKED, { ...POOR, suspect: true, silentMs: 3999 }, { reached: true }], ...answers], RUNNING],
    ['and no longer than the whole grace', [[ASKED, { ...POOR, suspect: true, silentMs: 4000 }, { reached: true }], ...answers], CONVERGED],
    ['nor for one that has sent an invalid record', [[ASKED, POOR, { reached: true }], ...answers], CONVERGED],
    ['takes unacceptable ones for the last chance', [[RESPONDED], [HEARD, POOR]], RUNNING],
    ['and waits for those in their slots then', [[RESPONDED], [ASKED, POOR]], RUNNING]
  ])('%s', (_, peers, progress, now = 500, circumstances = {}) => {
    expect(path(peers).progress(now, { ...ALL, ...circumstances })).toEqual(progress)
  })

  test('needs so many answers as it is told', () => {
    expect(path([[RESPONDED], [HEARD], [RESPONDED]], 1).progress(0, ALL)).toEqual(CONVERGED)
  })
})
