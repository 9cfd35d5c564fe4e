import { formatParameters } from './format-parameters.ts'
import type { Results } from './results.ts'

/**
 * What it came to, what was run, of which versions and on which machine, a line for
 * each
 */
export function conditionsOf ({ benchmark, seed, parameters, versions, machine, measures = {} }: Pick<Results, 'benchmark' | 'seed' | 'parameters' | 'versions' | 'machine' | 'measures'>): string[] {
  return [
    ...Object.entries(measures).map(([name, value]) => `${name} ${value}`),
    `${benchmark}, seed ${seed}: ${formatParameters(parameters)}`,
    formatParameters(versions),
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`
  ]
}
