import { describe, expect, test } from 'vitest'
import { checkConditions } from '../../../../benchmarks/simulator/world/check-conditions.ts'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import type { WorldConditions } from '../../../../benchmarks/simulator/world/conditions.ts'
import type { SessionLawName } from '../../../../benchmarks/simulator/world/session-laws/session-law.ts'

const CONDITIONS = WORLD_CONDITIONS['amino-2025']

describe('checkConditions', () => {
  test.each(Object.entries(WORLD_CONDITIONS))('accepts %s', (_, conditions) => {
    expect(() => { checkConditions(conditions) }).not.to.throw()
  })

  test('accepts the schedules of churn', () => {
    expect(() => { checkConditions({ ...CONDITIONS, natShare: 0.9, churn: { share: 0.6, everyMs: 3 * 3_600_000 } }) }).not.to.throw()
  })

  test.each<[string, Partial<WorldConditions>]>([
    ['natShare', { natShare: 80 }],
    ['stableShare', { stableShare: -0.1 }],
    ['sessionLaw', { sessionLaw: 'lunar' as SessionLawName }],
    ['sessionCorrelation', { sessionCorrelation: 1 }],
    ['churnerOnlineShare', { churnerOnlineShare: 0 }],
    ['workMedianMs', { workMedianMs: NaN }],
    ['slowShare + liesShare', { slowShare: 0.6, liesShare: 0.6 }],
    ['regionShares', { regionShares: {} }],
    ['regionShares', { regionShares: { 'us-east-1': -1, 'us-east-2': 2 } }],
    ['absenceShares', { absenceShares: { refuses: 0, silent: 0, stalls: 0 } }],
    ['churn.share', { churn: { share: 60, everyMs: 10_800_000 } }],
    ['churn.everyMs', { churn: { share: 0.6, everyMs: 0 } }]
  ])('names %s when it describes no world', (name, overrides) => {
    expect(() => { checkConditions({ ...CONDITIONS, ...overrides }) }).to.throw(RangeError, name)
  })
})
