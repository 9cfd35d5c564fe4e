import { buildResults } from '../report/build-results.ts'
import { failureNotes } from '../report/failure-notes.ts'
import { formatHtmlReport } from '../report/html-report.ts'
import { formatTable } from '../report/table.ts'
import { representativeTraces } from './representative-traces.ts'
import type { OperationTrace } from './representative-traces.ts'
import type { Benchmark, RunHooks } from '../command-line/benchmark.ts'
import type { Sample, ScoreSnapshot } from '../report/results.ts'

/**
 * Where a comparison tells what it does, while it does it
 */
export interface ComparisonHooks extends RunHooks {
  onSample (sample: Sample): void
  onScores (snapshot: ScoreSnapshot): void

  /** Of all that are told, people see those at the median and at the 99th percentile */
  onTrace (trace: OperationTrace): void

  /** What the run came to beside its samples, for programs and for people */
  onMeasure (name: string, value: string | number): void

  /** What a reader must know to read the figures of this very run rightly, one sentence */
  onNote (note: string): void
}

/**
 * A comparison of arms
 */
export interface Comparison<Options extends ComparisonOptions> extends Pick<Benchmark<Options>, 'name' | 'options'> {
  /** What a reader must know to read the figures of such a run rightly, one sentence each */
  notes (options: Options): string[]

  /**
   * @throws {Error} It could not be carried out; the message is one line for the user
   */
  run (options: Options, hooks: ComparisonHooks): Promise<void>
}

interface ComparisonOptions {
  seed: number
  timeoutMs: number
}

/**
 * The benchmark that carries a comparison of arms out and sums it up
 */
export function comparison<Options extends ComparisonOptions> (comparison: Comparison<Options>): Benchmark<Options> {
  const { name, options: definitions } = comparison

  return {
    name,
    options: definitions,
    hasReport: true,

    start (options) {
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

          const results = await buildResults({ benchmark: name, seed, parameters, notes, measures }, samples)

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
