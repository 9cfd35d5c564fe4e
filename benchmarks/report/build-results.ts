import { describeEnvironment } from './describe-environment.ts'
import { summarise } from './summarise.ts'
import { versus } from './versus.ts'
import type { Results, Sample } from './results.ts'

/**
 * Sum up the samples of a run, with the conditions under which they were taken
 */
export async function buildResults (run: Pick<Results, 'benchmark' | 'seed' | 'parameters' | 'notes'>, samples: readonly Sample[]): Promise<Results> {
  const { benchmark, seed, parameters, notes } = run

  return {
    benchmark,
    seed,
    parameters,
    ...await describeEnvironment(),
    notes,
    results: summarise(samples),
    versus: versus(samples, seed)
  }
}
