import type { OptionDefinition } from './option-definition.ts'

/**
 * Lets a run and its caller talk to each other
 */
export interface RunHooks {
  /**
   * @param done - Number of steps that are done, out of `total`. Both may be corrected later.
   * @param label - What happens now
   */
  onProgress (done: number, total: number, label: string): void

  /** Aborted when the user wants to stop. The run then ends soon and leaves nothing behind. */
  signal: AbortSignal
}

/**
 * The results of a run
 */
export interface Conclusion {
  /** For people, to be printed */
  text: string
  /** For programs, to be written as JSON */
  json: unknown
  /** Whether the run found something that must not be */
  failed: boolean

  /**
   * A self-contained HTML page. Absent when the benchmark has none.
   *
   * @param command - The command line that repeats the run
   */
  html? (command: string): Promise<string>
}

/**
 * One run of a benchmark
 */
export interface BenchmarkRun {
  /**
   * @throws {Error} It could not be carried out. The message is one line for the user.
   */
  carryOut (hooks: RunHooks): Promise<void>

  /**
   * The results so far, or undefined when there are none
   *
   * @param complete - False when the run did not reach its end
   */
  conclude (complete: boolean): Promise<Conclusion | undefined>
}

/**
 * A benchmark that the command line offers
 */
export interface Benchmark<Options extends { seed: number } = { seed: number }> {
  /** Name of the command */
  name: string
  options: { readonly [Name in keyof Options]: OptionDefinition }
  /** Whether it writes an HTML report */
  hasReport: boolean
  /**
   * @param given - Names of the options that the command line gave. The others have their defaults.
   */
  start (options: Options, given: ReadonlySet<string>): BenchmarkRun
}
