import { runSoak } from './run-soak.ts'
import { SOAK_OPTIONS } from './soak-options.ts'
import { soakResults } from './soak-results.ts'
import { formatSoakTable } from './soak-table.ts'
import type { SoakEnd, SoakSample } from './run-soak.ts'
import type { SoakOptions } from './soak-options.ts'
import type { Benchmark } from '../command-line/benchmark.ts'

/**
 * The benchmark `soak`
 */
export const SOAK_BENCHMARK: Benchmark<SoakOptions> = {
  name: 'soak',
  options: SOAK_OPTIONS,
  hasReport: false,

  start (options) {
    const samples: SoakSample[] = []
    let end: SoakEnd | undefined

    return {
      async carryOut (hooks) {
        end = await runSoak(options, hooks, sample => { samples.push(sample) })
      },

      async conclude () {
        if (samples.length === 0) {
          return undefined
        }

        const results = await soakResults(options, samples, end)

        return { text: formatSoakTable(results), json: results, failed: results.faults.length > 0 }
      }
    }
  }
}
