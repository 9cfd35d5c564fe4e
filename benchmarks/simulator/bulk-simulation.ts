import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { clientComponents } from './arms/client-components.ts'
import { bootstrapPeers } from './bootstrap-peers.ts'
import { GoClient } from './clients/go/go-client.ts'
import { GO_LIMITS_2026 } from './clients/go/go-limits.ts'
import { GoSweep } from './clients/go/sweep/go-sweep.ts'
import { BulkPutRun } from './clients/requests/bulk-put-run.ts'
import { OneByOne } from './clients/requests/one-by-one.ts'
import { ScoredClient } from './clients/scored/scored-client.ts'
import { Clock } from './clock.ts'
import { BulkMeasure } from './measures/bulk-measure.ts'
import { randomKey } from './random-key.ts'
import { aminoScene } from './scenes/amino-scene.ts'
import { everySoOften, takeTurns } from './take-turns.ts'
import type { ArmInit } from './arms/client-components.ts'
import type { Client, ClientComponents } from './clients/client.ts'
import type { BulkHandlers, BulkKey, BulkTraffic } from './clients/requests/bulk-key.ts'
import type { BulkFigures } from './measures/bulk-measure.ts'
import type { SimulatedArm, SimulationOptions } from './simulation-options.ts'
import type { RunHooks } from '../command-line/benchmark.ts'

/** A client has this much time to find its first peers before the put begins, ms */
const READY_MS = 600_000

/** A put that takes longer is given up, ms: what was put would have to be put again by then */
const LIMIT_MS = 22 * 3_600_000

/** So many keys tell what one lookup for each costs */
const ONE_BY_ONE_KEYS = 200

/** The ways to put many keys */
export const BULK_ARMS = ['one by one', 'go-sweep', 'scored'] as const
export type BulkArm = typeof BULK_ARMS[number]

/** A put that is under way or to come */
interface Put {
  readonly traffic: BulkTraffic
  start (): void
}

interface BulkClient {
  arm: BulkArm
  clock: Clock
  put: Put
  measure: BulkMeasure
  endedAtMs: number | undefined
}

/**
 * Puts as many keys as `lookups` says, once, by one client of each way, all in one world
 *
 * @throws {Error} The signal was aborted
 */
export async function simulateBulk (options: SimulationOptions, { signal, onProgress }: RunHooks): Promise<Array<BulkFigures & { arm: BulkArm }>> {
  const { seed, lookups: count } = options
  const total = count * 2 + Math.min(count, ONE_BY_ONE_KEYS)
  const { world, tables } = await aminoScene(options, {
    beginsAtMs: READY_MS,
    signal,
    onProgress: (part, whole) => { onProgress(0, total, `routing tables grow, ${Math.round(100 * part / whole)}%`) }
  })
  const kadIds = Array.from({ length: count }, (_, index) => randomKey(seed, 'bulk', index))
  const init = { index: 0, options, world, tables, bootstrap: bootstrapPeers(world, seed, 0) }
  const clients = BULK_ARMS.map(arm => bulkClient(arm, init, kadIds.slice(0, arm === 'one by one' ? ONE_BY_ONE_KEYS : count).map(kadId => ({ kadId, holders: [] }))))
  const scheduler = new Clock()

  await takeTurns({
    clocks: [scheduler, ...clients.map(({ clock }) => clock)],
    tables,
    checkpoints: [],
    isDone: () => scheduler.now > READY_MS + LIMIT_MS || clients.every(({ endedAtMs }) => endedAtMs !== undefined),
    yieldSometimes: everySoOften(async () => {
      onProgress(clients.reduce((sum, { measure }) => sum + measure.done, 0), total, `minute ${((scheduler.now - READY_MS) / 60_000).toFixed(0)}`)
      await yieldToEvents()
      signal.throwIfAborted()
    }),
    onCheckpoint: () => {}
  })

  return clients.map(({ arm, put, measure, endedAtMs }) => ({
    arm,
    ...measure.figures(count, { traffic: put.traffic, timeMs: (endedAtMs ?? scheduler.now) - READY_MS, ended: endedAtMs !== undefined })
  }))
}

function bulkClient (arm: BulkArm, init: ArmInit, keys: BulkKey[]): BulkClient {
  const components = clientComponents(SIMULATED_AS[arm], init)
  const { world, clock, k } = components
  const measure = new BulkMeasure(world, k, keys)
  const { client, put } = putOf(arm, components, keys, {
    onKey: (key, stored) => { measure.onKey(key, stored, clock.now) },
    onEnd: () => { bulk.endedAtMs = clock.now }
  })
  const bulk: BulkClient = { arm, clock, put, measure, endedAtMs: undefined }

  clock.schedule(0, () => { client.start() })
  clock.schedule(READY_MS, () => { put.start() })

  return bulk
}

const SIMULATED_AS: Record<BulkArm, SimulatedArm> = { 'one by one': 'scored', 'go-sweep': 'go-kad-dht', scored: 'scored' }

function putOf (arm: BulkArm, components: ClientComponents, keys: BulkKey[], handlers: BulkHandlers): { client: Client, put: Put } {
  switch (arm) {
    case 'one by one': {
      const client = new ScoredClient(components)

      return { client, put: new OneByOne(client, keys, handlers) }
    }
    case 'go-sweep': {
      // those of before have no such provider
      const client = new GoClient(components, { limits: GO_LIMITS_2026 })

      return { client, put: new GoSweep({ components, client, keys, handlers }) }
    }
    case 'scored': {
      const client = new ScoredClient(components)

      return { client, put: new BulkPutRun({ components, node: client, keys, handlers }) }
    }
    default:
      return arm satisfies never
  }
}
