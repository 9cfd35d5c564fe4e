import { WORLD_CONDITIONS } from './world/conditions.ts'
import type { SimulationOptions } from './simulation-options.ts'
import type { WorldConditions } from './world/conditions.ts'

/**
 * The conditions of the world that a run's options ask for
 */
export function conditionsOf ({ conditions, nat, churn, adoption }: Pick<SimulationOptions, 'conditions' | 'nat' | 'churn' | 'adoption'>): WorldConditions {
  return {
    ...WORLD_CONDITIONS[conditions],
    adoption,
    ...(nat === undefined ? {} : { natShare: nat }),
    ...(churn === undefined ? {} : { churn })
  }
}
