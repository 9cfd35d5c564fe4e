import { numberOption } from '../command-line/number-option.ts'
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
  minutes: numberOption('how long it lasts', { default: 30, quick: 1, min: 0.05, max: 10_000, integer: false }),
  warmUpMinutes: numberOption('how long memory may grow as it likes', { default: 5, quick: 0.3, min: 0, max: 10_000, integer: false }),
  maxGrowth: numberOption('by how much the heap may grow from then to the end', { default: 10, min: 0, max: 1000, unit: '%', integer: false }),
  parallel: numberOption('lookups at a time', { default: 4, min: 1, max: 100 }),
  nodes: { ...TESTNET_OPTIONS.nodes, quick: 40 },
  scenario: TESTNET_OPTIONS.scenario,
  churn: numberOption('share of the peers whose states are drawn anew at a time', { default: 0.05, min: 0, max: 1, integer: false }),
  churnSeconds: numberOption('time between two such draws', { default: 30, quick: 5, min: 1, max: 100_000, unit: 's', integer: false }),
  sampleSeconds: numberOption('time between two looks at the process', { default: 30, quick: 5, min: 1, max: 10_000, unit: 's', integer: false }),
  seed: TESTNET_OPTIONS.seed,
  rttMs: TESTNET_OPTIONS.rttMs,
  sigma: TESTNET_OPTIONS.sigma,
  timeoutMs: TESTNET_OPTIONS.timeoutMs
}
