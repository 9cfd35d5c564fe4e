import { serveCommands } from '../../processes/serve-commands.ts'
import { ConvergenceProbe } from '../measures/convergence-probe.ts'
import { crawlCost } from '../measures/crawl-cost.ts'
import { PresenceProbe } from '../measures/presence-probe.ts'
import { seededRandom } from '../../random/seeded-random.ts'
import { simulate } from '../simulation.ts'
import { measureTables } from '../tables/measure-tables.ts'
import { STUDIES } from './studies.ts'
import type { Measures } from './study.ts'
import type { RunHooks } from '../../command-line/benchmark.ts'
import type { Sample } from '../../report/results.ts'
import type { SimulationOptions } from '../simulation-options.ts'

export type StudyCommands = typeof commands

let progress = { done: 0, total: 1, label: '' }

/** Simulates one setting of a study. The parent process asks for its progress. */
const commands = {
  async simulate (options: SimulationOptions): Promise<{ samples: Sample[], measures: Measures }> {
    const study = STUDIES.find(({ name }) => name === options.study)
    const hooks: RunHooks = { signal: new AbortController().signal, onProgress: (done, total, label) => { progress = { done, total, label } } }

    if (study?.simulate !== undefined) {
      return study.simulate(options, hooks)
    }

    const samples: Sample[] = []
    const probe = new ConvergenceProbe()
    const presence = new PresenceProbe(seededRandom(options.seed, 'replies'))
    const { traceHash, events, world, tables, clients } = await simulate(options, {
      ...hooks,
      onSample: sample => { samples.push(sample) },
      onRequest: (arm, node) => { probe.onRequest(arm, node) },
      onCheckpoint: state => {
        probe.onCheckpoint(state)
        presence.onCheckpoint(state)
      }
    })

    return {
      samples,
      measures: {
        traceHash,
        events,
        convergence: probe.checks,
        noticed: probe.noticed,
        presence: presence.checks,
        load: probe.loadOf(options.nodes),
        crawlCost: crawlCost({ clients }),
        tables: measureTables(tables, world)
      }
    }
  },

  progress: () => progress
}

serveCommands(commands)
