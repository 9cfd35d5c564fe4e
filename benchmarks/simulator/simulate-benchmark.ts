import { comparison } from '../live/comparison.ts'
import { crawlCost, crawlNotes } from './measures/crawl-cost.ts'
import { simulate } from './simulation.ts'
import { SIMULATOR_OPTIONS } from './simulator-options.ts'
import { STUDIES } from './studies/studies.ts'
import { StudyRun } from './studies/study-run.ts'
import type { SimulationOptions } from './simulation-options.ts'
import type { SimulationState } from './simulation.ts'
import type { Benchmark } from '../command-line/benchmark.ts'

const SIMULATION = comparison<SimulationOptions>({
  name: 'simulate',
  options: SIMULATOR_OPTIONS,
  notes: options => [
    'Simulated time. All arms worked at the same simulated times, with the same keys; go-kad-dht, full-table and kadabra dial over QUIC where they can, the others over TCP.',
    `Each client began an operation every ${secondsBetween(options).toLocaleString('en', { maximumSignificantDigits: 2 })} s. Those that take longer overlap, and share its connections and its dials.`,
    ...(options.arms.includes('scored-warm')
      ? [`scored-warm had done ${options.trainLookups} lookups of other keys within half an hour and was then offline for half an hour.`]
      : []),
    ...(options.arms.some(arm => arm.startsWith('oracle')) ? ['An oracle knew who is online and asked the true closest peers at once; oracle over QUIC, oracle-tcp as scored dials.'] : [])
  ],
  async run (options, hooks) {
    let state: SimulationState | undefined
    let operations = 0

    try {
      const { traceHash } = await simulate(options, {
        ...hooks,
        onSample: sample => {
          operations += sample.arm === 'full-table' ? 1 : 0
          hooks.onSample(sample)
        },
        onCheckpoint: reached => { state = reached }
      })

      hooks.onMeasure('traceHash', traceHash)
    } finally {
      // a run that was interrupted has made crawls, too
      const cost = state === undefined ? undefined : crawlCost(state)

      Object.entries(cost ?? {}).forEach(([name, value]) => { hooks.onMeasure(name, value) })
      crawlNotes([{ cost, operations }]).forEach(note => { hooks.onNote(note) })
    }
  }
})

/**
 * The benchmark `simulate`: one run, or a study of many
 */
export const SIMULATE_BENCHMARK: Benchmark<SimulationOptions> = {
  ...SIMULATION,

  start (options, given) {
    const study = STUDIES.find(({ name }) => name === options.study)

    if (study === undefined) {
      return SIMULATION.start(options, given)
    }

    const changed = Object.entries(study.defaults).filter(([name]) => !given.has(name))

    return new StudyRun(study, { ...options, ...Object.fromEntries(changed) })
  }
}

/** Mean time from one operation of a client to its next one, s */
function secondsBetween ({ hours, lookups, operations, clients }: SimulationOptions): number {
  return 3600 * hours * clients / (lookups * operations.length)
}
