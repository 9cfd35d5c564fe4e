import { describe, expect, test } from 'vitest'
import { rewardOf } from '../../src/score/reward-of.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import { responded } from './outcomes.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const parameters = validateScoreParameters({
  slowLatencyMs: 1000,
  timedOutReward: 0.01,
  dialFailedReward: 0.02,
  noAddressReward: 0.03,
  protocolErrorReward: 0.04,
  invalidRecordReward: 0.05
})

describe('the reward', () => {
  test.each<[Outcome, number]>([
    [responded(0), 1],
    [responded(500), 0.75],
    [responded(1000), 0.5],
    [responded(60_000), 0.5],
    [{ type: 'stored', latencyMs: 500, setupMs: 0, dialled: false }, 0.75],
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
