import { buildResults } from '../report/build-results.ts'
import { failureNotes } from '../report/failure-notes.ts'
import { formatHtmlReport } from '../report/html-report.ts'
import { formatTable } from '../report/table.ts'
import { representativeTraces } from './representative-traces.ts'
import type { OperationTrace } from './representative-traces.ts'
import type { Benchmark, RunHooks } from '../command-line/benchmark.ts'
import type { Sample, ScoreSnapshot } from '../report/results.ts'

/**
 * Called by a comparison while it runs, to report what it does
 */
export interface ComparisonHooks extends RunHooks {
  onSample (sample: Sample): void
  onScores (snapshot: ScoreSnapshot): void

  /** Called for every trace. Readers are shown the traces at the median and at the 99th percentile. */
  onTrace (trace: OperationTrace): void

  /** Called with a result of the run besides its samples, for programs and for people */
  onMeasure (name: string, value: string | number): void

  /** Called with a sentence that a reader must know to understand the numbers of this run */
  onNote (note: string): void
}

/**
 * A comparison of arms
 */
export interface Comparison<Options extends ComparisonOptions> extends Pick<Benchmark<Options>, 'name' | 'options'> {
  /** Sentences that a reader must know to understand the numbers of such a run */
  notes (options: Options): string[]

  /**
   * Options whose defaults depend on others. Without it they are as they were read.
   *
   * @param given - Names of the options that the command line gave
   */
  settle? (options: Options, given: ReadonlySet<string>): Options

  /** Versions of what such a run compares, besides the packages that every run does */
  versions? (options: Options): Record<string, string>

  /**
   * @throws {Error} It could not be carried out. The message is one line for the user.
   */
  run (options: Options, hooks: ComparisonHooks): Promise<void>
}

interface ComparisonOptions {
  seed: number
  timeoutMs: number
}

/**
 * The benchmark that carries out a comparison of arms and sums up the results
 */
export function comparison<Options extends ComparisonOptions> (comparison: Comparison<Options>): Benchmark<Options> {
  const { name, options: definitions } = comparison

  return {
    name,
    options: definitions,
    hasReport: true,

    start (read, given) {
      const options = comparison.settle?.(read, given) ?? read
      const samples: Sample[] = []
      const snapshots: ScoreSnapshot[] = []
      const traces: OperationTrace[] = []
      const measures: Record<string, string | number> = {}
      const ownNotes: string[] = []

      return {
        async carryOut (hooks) {
          await comparison.run(options, {
            ...hooks,
            onSample: sample => { samples.push(sample) },
            onScores: snapshot => { snapshots.push(snapshot) },
            onTrace: trace => { traces.push(trace) },
            onMeasure: (name, value) => { measures[name] = value },
            onNote: note => { ownNotes.push(note) }
          })
        },

        async conclude (complete) {
          if (!complete && samples.length === 0) {
            return undefined
          }

          const { seed, timeoutMs } = options
          const parameters = Object.fromEntries(Object.entries(options).filter(([key, value]) => key !== 'seed' && value !== undefined))
          const notes = [...comparison.notes(options), ...ownNotes, ...failureNotes(samples)]

          if (!complete) {
            notes.push('The run did not reach its end: these are the operations carried out until then.')
          }

          const results = await buildResults({ benchmark: name, seed, parameters, notes, measures, versions: comparison.versions?.(options) }, samples)

          return {
            text: [...representativeTraces(traces).map(lines => [...lines, '', ''].join('\n')), formatTable(results)].join(''),
            json: results,
            failed: false,
            html: async command => formatHtmlReport({ results, samples, snapshots, command, date: new Date(), timeoutMs })
          }
        }
      }
    }
  }
}
