import { describeEnvironment } from './describe-environment.ts'
import { summarise } from './summarise.ts'
import { versus } from './versus.ts'
import type { ArmResult, Results, Sample } from './results.ts'

/** Fewer pairs than this hardly vary when drawn again: a bootstrap interval then promises too much */
const MIN_SAMPLES = 10

/**
 * Sum up the samples of a run, with the conditions under which they were taken
 */
export async function buildResults (run: Pick<Results, 'benchmark' | 'seed' | 'parameters' | 'notes' | 'measures'>, samples: readonly Sample[]): Promise<Results> {
  const { benchmark, seed, parameters, notes, measures = {} } = run
  const results = summarise(samples)

  return {
    benchmark,
    seed,
    parameters,
    ...await describeEnvironment(),
    notes: [...notes, ...caveats(results)],
    ...(Object.keys(measures).length === 0 ? {} : { measures }),
    results,
    versus: versus(samples, seed)
  }
}

function caveats (results: ArmResult[]): string[] {
  return results.some(({ samples }) => samples < MIN_SAMPLES)
    ? [`Where an arm has fewer than ${MIN_SAMPLES} samples, the confidence intervals are narrower than they should be.`]
    : []
}
