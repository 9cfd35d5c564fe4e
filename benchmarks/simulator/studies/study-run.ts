import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { withProcesses } from '../../processes/with-processes.ts'
import { describeEnvironment } from '../../report/describe-environment.ts'
import { summarise } from '../../report/summarise.ts'
import { crawlNotes } from '../measures/crawl-cost.ts'
import { formatStudy } from './format-study.ts'
import { formatStudyReport } from './study-report.ts'
import type { CrawlCost } from '../measures/crawl-cost.ts'
import type { StudyCommands } from './study-process.ts'
import type { Study, StudyFindings, StudyOutcome } from './study.ts'
import type { BenchmarkRun, Conclusion, RunHooks } from '../../command-line/benchmark.ts'
import type { SimulationOptions } from '../simulation-options.ts'

/** How often a setting is asked for its progress, ms */
const PROGRESS_EVERY_MS = 500

/** Number of steps in which the progress of one setting is counted */
const STEPS = 100

/**
 * A run of a study. Each setting is simulated in a process of its own, and there are as
 * many processes at a time as cores.
 */
export class StudyRun implements BenchmarkRun {
  readonly #study: Study
  readonly #options: SimulationOptions
  readonly #outcomes: Array<StudyOutcome | undefined> = []

  constructor (study: Study, options: SimulationOptions) {
    this.#study = study
    this.#options = options
  }

  async carryOut (hooks: RunHooks): Promise<void> {
    const settings = this.#study.settings(this.#options)
    const waiting = [...settings.entries()]
    const done = settings.map(() => 0)
    const tellProgress = (label: string): void => {
      hooks.onProgress(Math.floor(done.reduce((sum, share) => sum + share * STEPS, 0)), settings.length * STEPS, label)
    }

    await withProcesses(hooks.signal, async ({ startProcess }) => {
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, { label, options }] = next
          const process = startProcess<StudyCommands>(new URL('./study-process.ts', import.meta.url), label)
          const watching = new AbortController()
          const watch = async (): Promise<void> => {
            while (!watching.signal.aborted) {
              await delay(PROGRESS_EVERY_MS)
              const progress = await process.call('progress', undefined as never)

              done[index] = progress.done / progress.total
              tellProgress(`${label}: ${progress.label}`)
            }
          }

          // when the process is gone, the simulation itself fails and reports it
          watch().catch(() => {})

          try {
            const { samples, measures } = await process.call('simulate', options)

            this.#outcomes[index] = { label, options, samples, measures, results: summarise(samples) }
            done[index] = 1
          } finally {
            watching.abort()
          }

          await process.kill()
        }
      }

      await Promise.all(Array.from({ length: Math.min(availableParallelism(), settings.length) }, work))
    })
  }

  async conclude (complete: boolean): Promise<Conclusion | undefined> {
    const outcomes = this.#outcomes.filter(outcome => outcome !== undefined)

    if (outcomes.length === 0) {
      return undefined
    }

    const findings: StudyFindings = this.#study.conclude(outcomes)
    const notes = [
      ...crawlNotes(outcomes.map(({ options: { lookups, operations }, measures }) => ({ cost: measures.crawlCost as CrawlCost | undefined, operations: lookups * operations.length }))),
      ...(complete ? [] : ['The study did not reach its end: these are the settings that were done until then.'])
    ]
    const { seed, ...parameters } = this.#options
    const environment = await describeEnvironment()
    const page = { study: this.#study, findings, notes, seed, parameters, environment }

    return {
      text: formatStudy(page),
      json: {
        benchmark: 'simulate',
        study: this.#study.name,
        seed,
        parameters,
        ...environment,
        notes,
        finding: findings.finding,
        settings: outcomes.map(({ label, options, results, measures }) => ({ label, options, results, measures }))
      },
      failed: findings.failed,
      html: async command => formatStudyReport({ ...page, command, date: new Date() })
    }
  }
}
