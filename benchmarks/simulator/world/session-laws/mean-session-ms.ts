import { gammaln } from 'simple-statistics'
import type { SessionConditions } from './session-law.ts'

/**
 * The mean of the sessions of all nodes that come and go, ms: that of the measured
 * Weibull distribution. The other laws have the same mean.
 */
export function meanSessionMs ({ sessionShape, sessionScaleMs }: Pick<SessionConditions, 'sessionShape' | 'sessionScaleMs'>): number {
  return sessionScaleMs * Math.exp(gammaln(1 + 1 / sessionShape))
}
