import type { Arm, Operation } from '../report/results.ts'
import type { AttackName } from './attacks/attack.ts'
import type { InstrumentName } from './arms/instrument.ts'
import type { TestnetRun } from './scenes/read-testnet-run.ts'
import type { SessionLawName } from './world/session-laws/session-law.ts'

/** The arms that the model has */
export const SIMULATED_ARMS = ['kad-dht', 'kad-dht-tuned', 'go-kad-dht', 'go-optimistic', 'full-table', 'kadabra', 'scored', 'scored-warm', 'oracle', 'oracle-tcp'] as const satisfies readonly Arm[]
export type SimulatedArm = typeof SIMULATED_ARMS[number]

/** With `get-value` and `put-value`, the holders of the value answer, as for IPNS */
export const SIMULATED_OPERATIONS = ['closest-peers', 'find-providers', 'get-value', 'put-value', 'provide'] as const satisfies readonly Operation[]
export type SimulatedOperation = typeof SIMULATED_OPERATIONS[number]

/** The years whose measurements the parameters of the world are taken from */
export const CONDITIONS = ['amino-2022', 'amino-2025'] as const
export type ConditionsName = typeof CONDITIONS[number]

/** Nodes that go online and offline by a schedule */
export interface Churn {
  /** Share of all nodes, 0 to 1 */
  share: number
  /** How long they stay online, and then offline, ms */
  everyMs: number
}

export interface SimulationOptions {
  nodes: number
  conditions: ConditionsName
  sessions: SessionLawName
  nat: number | undefined
  churn: Churn | undefined
  adoption: number
  attack: AttackName | undefined
  attackShare: number | undefined
  arms: SimulatedArm[]
  operations: SimulatedOperation[]
  hours: number
  lookups: number
  clients: number
  trainLookups: number
  warmupHours: number
  epsilon: number
  k: number
  clientK: number | undefined
  timeoutMs: number
  instrument: InstrumentName | undefined
  testnet: TestnetRun | undefined
  study: string | undefined
  seed: number
}
