import { WORLD_CONDITIONS } from './world/conditions.ts'
import type { SimulationOptions } from './simulation-options.ts'
import type { WorldConditions } from './world/conditions.ts'

/**
 * The conditions of the world that a run's options ask for
 */
export function conditionsOf ({ conditions, sessions, nat, churn, adoption }: Pick<SimulationOptions, 'conditions' | 'sessions' | 'nat' | 'churn' | 'adoption'>): WorldConditions {
  return {
    ...WORLD_CONDITIONS[conditions],
    sessionLaw: sessions,
    adoption,
    ...(nat === undefined ? {} : { natShare: nat }),
    ...(churn === undefined ? {} : { churn })
  }
}
