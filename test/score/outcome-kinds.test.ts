import { describe, expect, test } from 'vitest'
import { durationsOf, isAnswer, isSilence } from '../../src/score/outcome-kinds.ts'
import type { Outcome } from '../../src/score/outcome.ts'

describe('an outcome', () => {
  test.each<[Outcome, 'answer' | 'silence' | 'fault', { dialled: boolean, tookMs: number }]>([
    [{ type: 'responded', latencyMs: 40, setupMs: 100, dialled: true }, 'answer', { dialled: true, tookMs: 140 }],
    [{ type: 'responded', latencyMs: 40, setupMs: 2, dialled: false }, 'answer', { dialled: false, tookMs: 42 }],
    [{ type: 'stored', latencyMs: undefined, setupMs: 100, dialled: true }, 'answer', { dialled: true, tookMs: 100 }],
    [{ type: 'timedOut', afterMs: 900 }, 'silence', { dialled: false, tookMs: 0 }],
    [{ type: 'dialFailed', class: 'refused' }, 'silence', { dialled: false, tookMs: 0 }],
    [{ type: 'dialFailed', class: 'timeout' }, 'silence', { dialled: false, tookMs: 0 }],
    [{ type: 'dialFailed', class: 'noAddress' }, 'silence', { dialled: false, tookMs: 0 }],
    [{ type: 'protocolError' }, 'fault', { dialled: false, tookMs: 0 }],
    [{ type: 'invalidRecord' }, 'fault', { dialled: false, tookMs: 0 }]
  ])('%o is an %s', (outcome, kind, durations) => {
    expect({ answer: isAnswer(outcome), silence: isSilence(outcome) }).toEqual({ answer: kind === 'answer', silence: kind === 'silence' })
    expect(durationsOf(outcome)).toEqual(durations)
  })
})
