import { SCORING_RULES } from '../../src/parameters/scoring-parameters.ts'
import { closestPeersOperations } from './closest-peers-operations.ts'
import { coreOperations } from './core-operations.ts'
import { measure } from './measure.ts'
import { MICRO_OPTIONS } from './micro-options.ts'
import { microResults } from './micro-results.ts'
import { formatMicroTable } from './micro-table.ts'
import { rememberedPeers } from './remembered-peers.ts'
import type { MicroOptions } from './micro-options.ts'
import type { Measurement, MicroMemory } from './micro-results.ts'
import type { Benchmark } from '../command-line/benchmark.ts'

/** As many peers that were only named are remembered by default */
const NAMED_PEERS = SCORING_RULES.maxNamedPeers.default

/** A start with them takes about so long, ms */
const START_MS = 200

/**
 * The benchmark `micro`
 */
export const MICRO_BENCHMARK: Benchmark<MicroOptions> = {
  name: 'micro',
  options: MICRO_OPTIONS,
  hasReport: false,

  start (options) {
    const measurements: Measurement[] = []
    const memory: MicroMemory[] = []

    return {
      async carryOut ({ onProgress, signal }) {
        onProgress(0, 1, 'filling tables')

        const operations = [...await closestPeersOperations(options.seed), ...await coreOperations(options.seed)]

        for (const [index, { run, ...operation }] of operations.entries()) {
          signal.throwIfAborted()
          onProgress(index, operations.length, operation.operation)
          measurements.push({ ...operation, samplesMs: await measure(run, options.timeMs) })
        }

        signal.throwIfAborted()
        const what = `start with ${NAMED_PEERS.toLocaleString('en')} named peers`
        onProgress(operations.length, operations.length + 1, what)
        const { bytesPerPeer, startMs } = await rememberedPeers(options.seed, NAMED_PEERS, Math.ceil(options.timeMs / START_MS))
        measurements.push({ operation: what, arm: 'scored', by: 'ScoreKeeper.start', samplesMs: startMs })
        memory.push({ what: 'a peer that was only named', peers: NAMED_PEERS, bytesPerPeer })

        onProgress(operations.length + 1, operations.length + 1, 'done')
      },

      async conclude (complete) {
        if (measurements.length === 0) {
          return undefined
        }

        const results = await microResults(options, { measurements, memory }, complete)

        return { text: formatMicroTable(results), json: results, failed: false }
      }
    }
  }
}
