import { parseOptions } from '../command-line/parse-options.ts'
import { withProcesses } from '../processes/with-processes.ts'
import { TESTNET_OPTIONS } from '../testnet/testnet-options.ts'
import type { SoakOptions } from './soak-options.ts'
import type { Leftovers, LookupCounts, NodeUse, SoakCommands } from './soak-process.ts'
import type { RunHooks } from '../command-line/benchmark.ts'
import type { NetworkCommands } from '../testnet/network-process.ts'
import type { TestnetOptions } from '../testnet/testnet-options.ts'

const MS_PER_MINUTE = 60_000
const MS_PER_SECOND = 1000

/** Time that the process gets to end, ms. With nothing left to do it ends at once, but a busy machine may need longer. */
const EXIT_MS = 10_000

/**
 * The state of the node at one moment between lookups
 */
export interface SoakSample extends NodeUse, LookupCounts {
  /** Time since the first lookup, ms */
  atMs: number
}

/**
 * The state after the node was stopped
 */
export interface SoakEnd extends Leftovers {
  /** Whether its process ended by itself */
  exited: boolean
}

/**
 * Let a scored node look up keys for a long time, on a network that changes
 *
 * @param onSample - Called with each look at the node. The first look is before all lookups.
 * @returns What was left after the node was stopped
 * @throws {Error} A process failed, or the signal was aborted
 */
export async function runSoak (options: SoakOptions, hooks: RunHooks, onSample: (sample: SoakSample) => void): Promise<SoakEnd> {
  const testnetOptions = testnetOptionsOf(options)
  const totalMs = options.minutes * MS_PER_MINUTE
  let end: SoakEnd | undefined

  await withProcesses(hooks.signal, async ({ directory, startProcess }) => {
    hooks.onProgress(0, Math.round(totalMs / MS_PER_SECOND), `starting ${options.nodes} servers`)

    const network = startProcess<NetworkCommands>(new URL('../testnet/network-process.ts', import.meta.url), 'network')
    const node = startProcess<SoakCommands>(new URL('./soak-process.ts', import.meta.url), 'node')
    const peers = await network.call('start', testnetOptions)

    await node.call('start', { options: testnetOptions, peers, directory })

    const from = performance.now()
    const elapsedMs = (): number => performance.now() - from
    const counts = { lookups: 0, failures: 0 }
    let redrawnAtMs = 0

    const sample = async (): Promise<void> => {
      const use = await node.call('use', undefined)

      onSample({ atMs: elapsedMs(), ...counts, ...use })
      hooks.onProgress(
        Math.round(Math.min(elapsedMs(), totalMs) / MS_PER_SECOND),
        Math.round(totalMs / MS_PER_SECOND),
        `${counts.lookups} lookups, heap ${use.heapMiB.toFixed(1)} MiB, ${use.connections} connections`
      )
    }

    await sample()

    while (elapsedMs() < totalMs) {
      const durationMs = Math.min(options.sampleSeconds * MS_PER_SECOND, totalMs - elapsedMs())
      const [{ lookups, failures }] = await Promise.all([
        node.call('lookUp', { durationMs, parallel: options.parallel }),
        redrawIfDue()
      ])

      counts.lookups += lookups
      counts.failures += failures
      await sample()
    }

    end = { ...await node.call('stop', undefined), exited: await node.ends(EXIT_MS) }

    async function redrawIfDue (): Promise<void> {
      if (elapsedMs() - redrawnAtMs >= options.churnSeconds * MS_PER_SECOND) {
        redrawnAtMs = elapsedMs()
        await node.call('peersChanged', await network.call('redraw', undefined))
      }
    }
  })

  if (end === undefined) {
    throw new Error('the node was not stopped')
  }

  return end
}

function testnetOptionsOf ({ scenario, nodes, seed, rttMs, sigma, timeoutMs, churn }: SoakOptions): TestnetOptions {
  return { ...parseOptions<TestnetOptions>(TESTNET_OPTIONS, []).options, scenario, nodes, seed, rttMs, sigma, timeoutMs, redrawShare: churn }
}
