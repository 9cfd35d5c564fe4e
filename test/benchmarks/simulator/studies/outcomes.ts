import { parseOptions } from '../../../../benchmarks/command-line/parse-options.ts'
import { summarise } from '../../../../benchmarks/report/summarise.ts'
import { SIMULATOR_OPTIONS } from '../../../../benchmarks/simulator/simulator-options.ts'
import type { Arm, Operation, Sample } from '../../../../benchmarks/report/results.ts'
import type { SimulationOptions } from '../../../../benchmarks/simulator/simulation-options.ts'
import type { Measures, StudyOutcome } from '../../../../benchmarks/simulator/studies/study.ts'

export function optionsOf (...args: string[]): SimulationOptions {
  return parseOptions<SimulationOptions>(SIMULATOR_OPTIONS, args).options
}

/**
 * An outcome in which every operation of an arm takes the same time, ms
 */
export function outcomeOf (label: string, options: SimulationOptions, times: Partial<Record<Arm, number>>, measures: Measures = {}, recall = 0.9): StudyOutcome {
  return outcomeFrom(label, options, options.operations.flatMap(operation => Object.entries(times).map(([arm, timeMs]) => sampleOf(arm as Arm, operation, timeMs, recall))), measures)
}

export function outcomeFrom (label: string, options: SimulationOptions, samples: Sample[], measures: Measures = {}): StudyOutcome {
  return { label, options, samples, measures, results: summarise(samples) }
}

export function sampleOf (arm: Arm, operation: Operation, timeMs: number, recall: number | undefined = 0.9): Sample {
  return {
    arm,
    scenario: 'test',
    operation,
    index: 0,
    timeMs,
    failed: false,
    recall,
    queries: 30,
    dials: 20,
    unresponsive: 0,
    spentMs: { dialling: 0, waiting: 0, wasted: 0 }
  }
}
