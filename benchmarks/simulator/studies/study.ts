import type { Figure } from '../../report/plots/figure.ts'
import type { ArmResult, Sample } from '../../report/results.ts'
import type { SimulationOptions } from '../simulation-options.ts'

/**
 * One setting of a study, simulated
 */
export interface StudyOutcome {
  /** What distinguishes it from the other settings */
  label: string
  options: SimulationOptions
  samples: Sample[]
  /** The samples, summed up */
  results: ArmResult[]
  measures: Measures
}

/** What a run came to beside its samples, by name */
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
 * What a study found
 */
export interface StudyFindings {
  /** In one sentence or two, with the numbers */
  finding: string
  tables: StudyTable[]
  figures: Figure[]
  /** Whether it shows something that must not be, such as a model that does not fit what was measured */
  failed: boolean
}

/**
 * A sweep over settings of the simulator that answers one question
 */
export interface Study {
  name: string
  question: string
  /** What it changes of the defaults where the command line does not say otherwise */
  defaults: Partial<SimulationOptions>

  /**
   * @param base - The options of the command line, the study's defaults among them
   */
  settings (base: SimulationOptions): Array<{ label: string, options: SimulationOptions }>

  conclude (outcomes: StudyOutcome[]): StudyFindings
}
