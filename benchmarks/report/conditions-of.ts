import { formatParameters } from './format-parameters.ts'
import type { Results } from './results.ts'

/**
 * The measures and the conditions of a run as lines: what was run, the versions, and the
 * machine
 */
export function conditionsOf ({ benchmark, seed, parameters, versions, machine, measures = {} }: Pick<Results, 'benchmark' | 'seed' | 'parameters' | 'versions' | 'machine' | 'measures'>): string[] {
  return [
    ...Object.entries(measures).map(([name, value]) => `${name} ${value}`),
    `${benchmark}, seed ${seed}: ${formatParameters(parameters)}`,
    formatParameters(versions),
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`
  ]
}
