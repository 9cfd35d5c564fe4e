import { numberOption } from '../command-line/number-option.ts'
import type { OptionDefinition } from '../command-line/option-definition.ts'

export interface MicroOptions {
  seed: number
  timeMs: number
}

/**
 * Every option of `micro`, in the order in which help lists them
 */
export const MICRO_OPTIONS: { readonly [Name in keyof MicroOptions]: OptionDefinition } = {
  seed: numberOption('the same seed gives the same peers, targets and lookup', { default: 1, min: 0, max: 2 ** 31 - 1 }),
  timeMs: numberOption('for how long each operation is repeated', { default: 1000, quick: 200, min: 10, max: 60_000, unit: 'ms' })
}
