import { describe, expect, test } from 'vitest'
import { DEFAULTS, validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import type { ScoreParametersInit } from '../../src/parameters/score-parameters.ts'

describe('score parameters', () => {
  test('are the defaults when none is given', () => {
    expect(validateScoreParameters()).toEqual(DEFAULTS)
    expect(validateScoreParameters({ weightCap: undefined })).toEqual(DEFAULTS)
  })

  test('keep what is given and complete the rest', () => {
    expect(validateScoreParameters({ weightCap: 7 })).toEqual({ ...DEFAULTS, weightCap: 7 })
  })

  test('accept their own defaults', () => {
    expect(validateScoreParameters({ ...DEFAULTS })).toEqual(DEFAULTS)
  })

  test.each(Object.keys(DEFAULTS))('refuse absurd values of %s, naming it', (name) => {
    for (const value of [NaN, Infinity, -Infinity, -1, null, '5', {}, true, 5n, Symbol('s')]) {
      expect(() => validateScoreParameters({ [name]: value })).toThrow(expect.objectContaining({
        name: 'InvalidParametersError',
        message: expect.stringContaining(`${name} is `)
      }))
    }
  })

  test.each<[ScoreParametersInit, string]>([
    [{ weightCap: 0 }, 'score parameters: weightCap is 0, allowed is a whole number from 1 to 1000'],
    [{ weightCap: 2.5 }, 'weightCap is 2.5'],
    [{ slowLatencyMs: '5 s' as unknown as number }, 'slowLatencyMs is "5 s", allowed is a number from 1 to 600000'],
    [{ timedOutReward: 0.6 }, 'timedOutReward is 0.6, allowed is a number from 0 to 0.5'],
    [{ goodThreshold: 0.5 }, 'goodThreshold is 0.5, it must be above 0.5'],
    [{ unacceptableThreshold: 0.5 }, 'unacceptableThreshold is 0.5, it must be below 0.5'],
    [{ referralPenalty: 0.25 }, 'referralPenalty is 0.25, allowed is 0 to 0.5 - unacceptableThreshold, 0.2'],
    [{ minSoftDeadlineMs: 6000 }, 'minSoftDeadlineMs is 6000, allowed is up to maxSoftDeadlineMs, 5000'],
    [{ wightCap: 3 } as ScoreParametersInit, 'there is no parameter wightCap, only weightCap, '],
    [{ toString: 3 } as unknown as ScoreParametersInit, 'there is no parameter toString']
  ])('%o is refused in plain words', (init, message) => {
    expect(() => validateScoreParameters(init)).toThrow(expect.objectContaining({
      name: 'InvalidParametersError',
      message: expect.stringContaining(message)
    }))
  })
})
