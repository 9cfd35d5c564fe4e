import { describeEnvironment } from './describe-environment.ts'
import { summarise } from './summarise.ts'
import { versus } from './versus.ts'
import type { ArmResult, Results, Sample } from './results.ts'

/** With fewer pairs than this, a bootstrap interval is too narrow, because the pairs hardly vary when they are drawn again */
const MIN_SAMPLES = 10

interface Run extends Pick<Results, 'benchmark' | 'seed' | 'parameters' | 'notes' | 'measures'> {
  /** Versions besides those that every run tells */
  versions?: Record<string, string>
}

/**
 * Sum up the samples of a run, and add the conditions of the run
 */
export async function buildResults (run: Run, samples: readonly Sample[]): Promise<Results> {
  const { benchmark, seed, parameters, notes, measures = {} } = run
  const results = summarise(samples)
  const { versions, machine } = await describeEnvironment()

  return {
    benchmark,
    seed,
    parameters,
    versions: { ...versions, ...run.versions },
    machine,
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
