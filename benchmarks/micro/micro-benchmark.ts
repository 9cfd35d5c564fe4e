import { closestPeersOperations } from './closest-peers-operations.ts'
import { coreOperations } from './core-operations.ts'
import { measure } from './measure.ts'
import { MICRO_OPTIONS } from './micro-options.ts'
import { microResults } from './micro-results.ts'
import { formatMicroTable } from './micro-table.ts'
import type { MicroOptions } from './micro-options.ts'
import type { Measurement } from './micro-results.ts'
import type { Benchmark } from '../command-line/benchmark.ts'

/**
 * The benchmark `micro`
 */
export const MICRO_BENCHMARK: Benchmark<MicroOptions> = {
  name: 'micro',
  options: MICRO_OPTIONS,
  hasReport: false,

  start (options) {
    const measurements: Measurement[] = []

    return {
      async carryOut ({ onProgress, signal }) {
        onProgress(0, 1, 'filling tables')

        const operations = [...await closestPeersOperations(options.seed), ...await coreOperations(options.seed)]

        for (const [index, { run, ...operation }] of operations.entries()) {
          signal.throwIfAborted()
          onProgress(index, operations.length, operation.operation)
          measurements.push({ ...operation, samplesMs: await measure(run, options.timeMs) })
        }

        onProgress(operations.length, operations.length, 'done')
      },

      async conclude (complete) {
        if (measurements.length === 0) {
          return undefined
        }

        const results = await microResults(options, measurements, complete)

        return { text: formatMicroTable(results), json: results, failed: false }
      }
    }
  }
}
