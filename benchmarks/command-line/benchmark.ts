import type { OptionDefinition } from './option-definition.ts'

/**
 * How a run and whoever started it talk to each other
 */
export interface RunHooks {
  /**
   * @param done - Steps done, of `total`; both may be corrected later
   * @param label - What happens now
   */
  onProgress (done: number, total: number, label: string): void

  /** Aborted when the user has seen enough: end soon and leave nothing behind */
  signal: AbortSignal
}

/**
 * What came of a run
 */
export interface Conclusion {
  /** For people, to be printed */
  text: string
  /** For programs, to be written as JSON */
  json: unknown
  /** Whether something was found that must not be */
  failed: boolean

  /**
   * A self-contained HTML page; absent where the benchmark has none
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
   * @throws {Error} It could not be carried out; the message is one line for the user
   */
  carryOut (hooks: RunHooks): Promise<void>

  /**
   * What came of it until now; undefined when that is nothing
   *
   * @param complete - False when it did not reach its end
   */
  conclude (complete: boolean): Promise<Conclusion | undefined>
}

/**
 * A benchmark that the command line offers
 */
export interface Benchmark<Options extends { seed: number } = { seed: number }> {
  /** The command */
  name: string
  options: { readonly [Name in keyof Options]: OptionDefinition }
  /** Whether it writes an HTML report */
  hasReport: boolean
  /**
   * @param given - Which options the command line named, the others have their defaults
   */
  start (options: Options, given: ReadonlySet<string>): BenchmarkRun
}
