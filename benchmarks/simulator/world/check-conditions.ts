import { SESSION_LAWS } from './session-laws/session-law.ts'
import type { WorldConditions } from './conditions.ts'

type NumericCondition = {
  [K in keyof WorldConditions]-?: WorldConditions[K] extends number ? K : never
}[keyof WorldConditions]

/** The lowest and highest value of each condition. A condition that is a divisor or the argument of a logarithm is above 0. */
const BOUNDS = {
  lastMileMedianMs: [0, 10_000],
  lastMileSigma: [0, 5],
  rttJitter: [0, 10],
  unreachableShare: [0, 1],
  natShare: [0, 1],
  natRelayedShare: [0, 1],
  stableShare: [0, 1],
  sessionShape: [0.1, 10],
  sessionScaleMs: [1, Infinity],
  sessionCorrelation: [0, 0.9],
  churnerOnlineShare: [0.01, 0.99],
  rhythmAmplitude: [0, 0.5],
  workMedianMs: [0, 60_000],
  workSigma: [0, 5],
  overloadedShare: [0, 1],
  overloadedMedianMs: [0, 60_000],
  adoption: [0, 1],
  kadDhtShare: [0, 1],
  slowShare: [0, 1],
  liesShare: [0, 1]
} as const satisfies Record<NumericCondition, readonly [number, number]>

/**
 * Check that conditions describe a world
 *
 * @throws {RangeError} Names the first condition that is out of its range, with the range or the choice
 */
export function checkConditions (conditions: WorldConditions): void {
  for (const [name, [min, max]] of Object.entries(BOUNDS)) {
    checkNumber(name, conditions[name as NumericCondition], min, max)
  }

  const { churn, sessionLaw, slowShare, liesShare, regionShares, absenceShares } = conditions

  if (!SESSION_LAWS.includes(sessionLaw)) {
    throw new RangeError(`sessionLaw is ${String(sessionLaw)}, which is not one of ${SESSION_LAWS.join(', ')}`)
  }

  checkNumber('slowShare + liesShare', slowShare + liesShare, 0, 1)
  checkWeights('regionShares', regionShares)
  checkWeights('absenceShares', absenceShares)

  if (churn !== undefined) {
    checkNumber('churn.share', churn.share, 0, 1)
    checkNumber('churn.everyMs', churn.everyMs, 1000, Infinity)
  }
}

function checkNumber (name: string, value: number, min: number, max: number): void {
  // a comparison with NaN is always false
  if (!(value >= min && value <= max)) {
    throw new RangeError(`${name} is ${value}, which is not between ${min} and ${max}`)
  }
}

function checkWeights (name: string, weights: Record<string, number>): void {
  const values = Object.values(weights)

  values.forEach(value => { checkNumber(name, value, 0, Number.MAX_VALUE) })

  if (!values.some(value => value > 0)) {
    throw new RangeError(`${name} has no weight above 0`)
  }
}
