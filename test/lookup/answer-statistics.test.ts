import { describe, expect, test } from 'vitest'
import { AnswerStatistics } from '../../src/lookup/answer-statistics.ts'
import type { CandidateState } from '../../src/lookup/candidate-list.ts'
import type { PeerClass } from '../../src/score/peer-score.ts'

const ASKED: CandidateState = { type: 'asked', sinceMs: 0 }
const LATE: CandidateState = { type: 'late', sinceMs: 0, wasSilent: true }
const REACHED_LATE: CandidateState = { ...LATE, wasSilent: false }
const RESPONDED: CandidateState = { type: 'responded' }
const FAILED: CandidateState = { type: 'failed' }

type Step = [PeerClass, CandidateState, CandidateState]

function after (initialAnswerRate: number, ...steps: Step[]): AnswerStatistics {
  const statistics = new AnswerStatistics(initialAnswerRate)
  steps.forEach(([peerClass, from, to]) => { statistics.changed(peerClass, from, to) })

  return statistics
}

function times (count: number, step: Step): Step[] {
  return Array.from({ length: count }, () => step)
}

describe('the share of strangers that answer', () => {
  test.each<[string, number, Step[], number]>([
    ['is that of the lookup before, at first', 0.6, [], 0.6],
    ['counts that one as five strangers', 1, [['neutral', ASKED, FAILED]], 5 / 6],
    ['counts who answers', 0.5, times(5, ['neutral', ASKED, RESPONDED]), 0.75],
    ['takes who is late for one that does not', 1, times(5, ['neutral', ASKED, LATE]), 0.5],
    ['until that one answers', 1, [...times(5, ['neutral', ASKED, LATE] as Step), ...times(5, ['neutral', LATE, RESPONDED] as Step)], 1],
    ['counts a late one that fails once', 1, [['neutral', ASKED, LATE], ['neutral', LATE, FAILED]], 5 / 6],
    ['is not told by good peers', 0.6, times(9, ['good', ASKED, FAILED]), 0.6],
    ['nor by unacceptable ones', 0.6, times(9, ['unacceptable', ASKED, RESPONDED]), 0.6],
    ['is a fifth at least', 0.5, times(100, ['neutral', ASKED, FAILED]), 0.2]
  ])('%s', (_, initial, steps, rate) => {
    expect(after(initial, ...steps).answerRate).toBeCloseTo(rate, 12)
  })
})

describe('the grace of who is late and silent', () => {
  test.each<[string, number, Step[], number]>([
    ['is whole where all strangers answer', 1, [], 1],
    ['is none where half of them are dead', 0.5, [], 0],
    ['nor where more are', 0.2, [], 0],
    ['is the share of the late that answered of the grace of who has shown life, where that is more', 0.5, [...times(4, ['good', ASKED, LATE] as Step), ['good', LATE, RESPONDED]], 0.5],
    ['takes no connected peer that was late for a sign that the silent ones are slow', 0.5, [['good', ASKED, REACHED_LATE], ['good', REACHED_LATE, RESPONDED]], 0],
    ['takes no unacceptable peer for a sign that everybody is slow', 0.5, [['unacceptable', ASKED, LATE], ['unacceptable', LATE, RESPONDED]], 0]
  ])('%s', (_, initial, steps, graceMs) => {
    expect(after(initial, ...steps).silentGraceMs({ silent: 1, signed: 2, connected: 9 })).toBeCloseTo(graceMs, 12)
  })
})
