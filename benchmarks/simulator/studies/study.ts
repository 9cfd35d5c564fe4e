import type { Figure } from '../../report/plots/figure.ts'
import type { ArmResult, Sample } from '../../report/results.ts'
import type { RunHooks } from '../../command-line/benchmark.ts'
import type { SimulationOptions } from '../simulation-options.ts'

/**
 * The result of one setting of a study
 */
export interface StudyOutcome {
  /** Tells this setting from the others */
  label: string
  options: SimulationOptions
  samples: Sample[]
  /** Summary of the samples */
  results: ArmResult[]
  measures: Measures
}

/** What a run has measured besides its samples, by name */
export type Measures = Record<string, unknown>

/**
 * A table of a study's report
 */
export interface StudyTable {
  title: string
  headings: string[]
  rows: string[][]
}

/**
 * The findings of a study
 */
export interface StudyFindings {
  /** The finding in one or two sentences, with the numbers */
  finding: string
  tables: StudyTable[]
  figures: Figure[]
  /** Whether the study found something that must not be, such as a model that does not fit published measurements */
  failed: boolean
}

/**
 * A sweep over settings of the simulator that answers one question
 */
export interface Study {
  name: string
  question: string
  /** Options that the study changes, unless the command line sets them */
  defaults: Partial<SimulationOptions>

  /**
   * @param base - Options of the command line, with the study's defaults
   */
  settings (base: SimulationOptions): Array<{ label: string, options: SimulationOptions }>

  /**
   * What happens in each setting
   *
   * @default The operations of all arms, as without a study
   */
  simulate?: (options: SimulationOptions, hooks: RunHooks) => Promise<{ samples: Sample[], measures: Measures }>

  conclude (outcomes: StudyOutcome[]): StudyFindings
}
