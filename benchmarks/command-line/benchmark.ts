import type { OptionDefinition } from './option-definition.ts'
import type { Sample, ScoreSnapshot } from '../report/results.ts'

/**
 * Where a benchmark tells what it does, while it does it
 */
export interface BenchmarkHooks {
  onSample (sample: Sample): void
  onScores (snapshot: ScoreSnapshot): void

  /**
   * What led to the result of one operation, for people who want to see it
   *
   * @param title - Of which operation
   */
  onTrace (title: string, lines: readonly string[]): void

  /**
   * @param done - Steps done, of `total`; both may be corrected later
   * @param label - What happens now
   */
  onProgress (done: number, total: number, label: string): void

  /** Aborted when the user has seen enough: end soon and leave nothing behind */
  signal: AbortSignal
}

/**
 * A comparison of arms that the command line offers
 */
export interface Benchmark<Options extends { seed: number, timeoutMs: number }> {
  /** The command */
  name: string
  /** One sentence for the help */
  summary: string
  options: { readonly [Name in keyof Options]: OptionDefinition }

  /** What a reader must know to read the figures of such a run rightly, one sentence each */
  notes (options: Options): string[]

  /**
   * @throws {Error} It could not be carried out; the message is one line for the user
   */
  run (options: Options, hooks: BenchmarkHooks): Promise<void>
}
