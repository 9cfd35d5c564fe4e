import { TESTNET_OPTIONS } from '../testnet/testnet-options.ts'
import type { OptionDefinition } from '../command-line/option-definition.ts'
import type { TestnetOptions } from '../testnet/testnet-options.ts'

export interface SoakOptions extends Pick<TestnetOptions, 'scenario' | 'nodes' | 'seed' | 'rttMs' | 'sigma' | 'timeoutMs'> {
  minutes: number
  warmUpMinutes: number
  parallel: number
  churn: number
  churnSeconds: number
  sampleSeconds: number
  maxGrowth: number
}

/**
 * Every option of `soak`, in the order in which help lists them
 */
export const SOAK_OPTIONS: { readonly [Name in keyof SoakOptions]: OptionDefinition } = {
  minutes: number('how long it lasts', { default: 30, quick: 1, min: 0.05, max: 10_000 }),
  warmUpMinutes: number('how long memory may grow as it likes', { default: 5, quick: 0.3, min: 0, max: 10_000 }),
  maxGrowth: number('by how much the heap may grow from then to the end', { default: 10, min: 0, max: 1000, unit: '%' }),
  parallel: { ...number('lookups at a time', { default: 4, min: 1, max: 100 }), integer: true },
  nodes: { ...TESTNET_OPTIONS.nodes, quick: 40 },
  scenario: TESTNET_OPTIONS.scenario,
  churn: number('share of the peers whose states are drawn anew at a time', { default: 0.05, min: 0, max: 1 }),
  churnSeconds: number('time between two such draws', { default: 30, quick: 5, min: 1, max: 100_000, unit: 's' }),
  sampleSeconds: number('time between two looks at the process', { default: 30, quick: 5, min: 1, max: 10_000, unit: 's' }),
  seed: TESTNET_OPTIONS.seed,
  rttMs: TESTNET_OPTIONS.rttMs,
  sigma: TESTNET_OPTIONS.sigma,
  timeoutMs: TESTNET_OPTIONS.timeoutMs
}

function number (description: string, range: { default: number, quick?: number, min: number, max: number, unit?: string }): OptionDefinition & { kind: 'number' } {
  return { kind: 'number', description, integer: false, ...range }
}
