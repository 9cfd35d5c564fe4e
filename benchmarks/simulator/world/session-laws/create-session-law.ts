import { ClockLaw } from './clock-law.ts'
import { ExponentialLaw } from './exponential-law.ts'
import { LogNormalLaw } from './log-normal-law.ts'
import { WeibullLaw } from './weibull-law.ts'
import type { HashedRandom } from '../hashed-random.ts'
import type { SessionConditions, SessionLaw, SessionLawName } from './session-law.ts'

/**
 * The law of the nodes that come and go
 *
 * @param lengths - Random numbers for the lengths, by the node and the number of its session
 */
export function createSessionLaw (conditions: SessionConditions & { sessionLaw: SessionLawName }, lengths: HashedRandom): SessionLaw {
  switch (conditions.sessionLaw) {
    case 'weibull':
      return new WeibullLaw(conditions, lengths)
    case 'exponential':
      return new ExponentialLaw(conditions, lengths)
    case 'log-normal':
      return new LogNormalLaw(conditions, lengths)
    case 'clock':
      return new ClockLaw(conditions)
    default:
      return conditions.sessionLaw satisfies never
  }
}
