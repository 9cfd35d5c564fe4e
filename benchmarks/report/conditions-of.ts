import type { Results } from './results.ts'

/**
 * What was run, of which versions and on which machine, a line for each
 */
export function conditionsOf ({ benchmark, seed, parameters, versions, machine }: Pick<Results, 'benchmark' | 'seed' | 'parameters' | 'versions' | 'machine'>): string[] {
  return [
    `${benchmark}, seed ${seed}: ${Object.entries(parameters).map(([name, value]) => `${name} ${String(value)}`).join(', ')}`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', '),
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`
  ]
}
