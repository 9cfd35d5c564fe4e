import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { seededRandom } from '../random/seeded-random.ts'
import { createArm } from './arms/create-arm.ts'
import { Clock } from './clock.ts'
import { randomKey } from './random-key.ts'
import { aminoScene } from './scenes/amino-scene.ts'
import { testnetScene } from './scenes/testnet-scene.ts'
import { scheduleOperations } from './schedule-operations.ts'
import { TraceHash } from './trace-hash.ts'
import type { ArmClient } from './arms/arm-client.ts'
import type { SimulatedArm, SimulationOptions } from './simulation-options.ts'
import type { Scene } from './scenes/scene.ts'
import type { World } from './world/world.ts'
import type { RunHooks } from '../command-line/benchmark.ts'
import type { Sample } from '../report/results.ts'

const HOUR_MS = 3_600_000

/** So much code may become part of what calls it, bytes: a simulation is small functions called often, and takes 5% less time at a million nodes */
const V8_FLAGS = ['--max-inlined-bytecode-size=1000', '--max-inlined-bytecode-size-cumulative=4000']

/** The run begins at this time: before it, scored-warm does its training, and is offline for the second half of it, ms */
const TRAINING_MS = HOUR_MS

/** Each client does so much alone before the next one's turn: what it knows stays in the processor's caches, and a million nodes take half the time, ms */
const TURN_MS = 20_000

/** The event loop gets its turn this often, so that Ctrl-C works and progress shows, ms of real time */
const YIELD_EVERY_MS = 100

/** Times at which a simulation is looked at */
export const CHECKPOINTS = 12

/** Public nodes that every client knows from the start */
const BOOTSTRAP_PEERS = 5

export interface SimulationHooks extends RunHooks {
  onSample (sample: Sample): void
  /** Told of every request */
  onRequest? (arm: SimulatedArm, node: number): void
  /** Called at `CHECKPOINTS` times of the run, evenly spread, the last one at its end */
  onCheckpoint? (state: SimulationState): void
}

/**
 * A simulation at one moment
 */
export interface SimulationState extends Scene {
  /** Simulated time, ms */
  now: number
  /** Since the run began, ms */
  runMs: number
  /** The clients of each arm, those of the same number in the same place */
  clients: ReadonlyMap<SimulatedArm, readonly ArmClient[]>
}

/**
 * What a simulation came to beside its samples
 */
export interface SimulationEnd extends SimulationState {
  traceHash: string
  /** Things that happened */
  events: number
}

/**
 * One run of the model: all arms, at the same simulated times, with the same keys, in
 * one world. Nothing that one client does changes what another finds, so each has a
 * clock of its own, and none is more than a turn ahead of the others.
 *
 * @throws {Error} The signal was aborted
 */
export async function simulate (options: SimulationOptions, hooks: SimulationHooks): Promise<SimulationEnd> {
  const { seed, hours, lookups, clients: clientsPerArm, operations, arms } = options
  const scenario = scenarioOf(options)
  const total = arms.length * lookups * operations.length
  const trace = new TraceHash()

  V8_FLAGS.forEach(flag => { setFlagsFromString(flag) })
  hooks.onProgress(0, total, 'making the world')
  await yieldToEvents()

  const { world, tables } = await (options.testnet === undefined
    ? aminoScene(options, {
      beginsAtMs: TRAINING_MS,
      signal: hooks.signal,
      onProgress: (part, whole) => { hooks.onProgress(0, total, `routing tables grow, ${Math.round(100 * part / whole)}%`) }
    })
    : testnetScene(options.testnet))
  // what is to be done, and by whom
  const scheduler = new Clock()
  const bootstrap = bootstrapPeers(world, seed, scheduler.now)
  const clients = new Map(arms.map(arm => [arm, Array.from({ length: clientsPerArm }, (_, index) => createArm(arm, {
    index,
    options,
    world,
    tables,
    bootstrap,
    onRequest: (node, now) => {
      trace.add(now, index, node)
      hooks.onRequest?.(arm, node)
    }
  }))]))
  let done = 0

  scheduleStarts(clients, options)
  scheduleOperations(options, {
    scheduler,
    world,
    clients,
    beginsAtMs: TRAINING_MS,
    onSample: sample => {
      done++
      trace.add(sample.index, sample.timeMs, sample.queries)
      hooks.onSample({ ...sample, scenario })
    }
  })

  const state = (): SimulationState => ({ world, tables, now: scheduler.now, runMs: scheduler.now - TRAINING_MS, clients })
  const yieldSometimes = everySoOften(async () => {
    hooks.onProgress(done, total, `hour ${Math.max(0, state().runMs / HOUR_MS).toFixed(2)} of ${hours}`)
    await yieldToEvents()
    hooks.signal.throwIfAborted()
  })
  const events = await takeTurns({
    clocks: [scheduler, ...Array.from(clients.values()).flat().map(({ clock }) => clock)],
    tables,
    checkpoints: Array.from({ length: CHECKPOINTS }, (_, number) => TRAINING_MS + hours * HOUR_MS * (number + 1) / CHECKPOINTS),
    isDone: () => done === total,
    yieldSometimes,
    onCheckpoint: () => { hooks.onCheckpoint?.(state()) }
  })

  return { ...state(), traceHash: trace.toString(), events }
}

/** Every client starts when the run begins; those of scored-warm have been trained by then, and start again */
function scheduleStarts (clients: ReadonlyMap<SimulatedArm, readonly ArmClient[]>, { seed, trainLookups }: SimulationOptions): void {
  for (const [arm, armClients] of clients) {
    for (const [index, armClient] of armClients.entries()) {
      const { client, clock } = armClient

      if (arm !== 'scored-warm') {
        clock.schedule(TRAINING_MS, () => { client.start() })
        continue
      }

      client.start()

      for (let i = 0; i < trainLookups; i++) {
        const key = randomKey(seed, 'training', index, i)

        clock.schedule(TRAINING_MS / 2 * (i + 1) / (trainLookups + 1), () => { client.closestPeers(key, () => {}) })
      }

      clock.schedule(TRAINING_MS / 2, () => { client.stop?.() })
      clock.schedule(TRAINING_MS, () => { armClient.restart() })
    }
  }
}

interface TurnsInit {
  /** The first is that of the run */
  clocks: readonly Clock[]
  tables: SimulationState['tables']
  /** Times, ascending */
  checkpoints: readonly number[]
  isDone: () => boolean
  yieldSometimes: () => Promise<void>
  onCheckpoint: () => void
}

/**
 * Let all clocks go on, turn by turn, until all is done and the last checkpoint has come
 *
 * @returns How many things happened
 */
async function takeTurns ({ clocks, tables, checkpoints, isDone, yieldSometimes, onCheckpoint }: TurnsInit): Promise<number> {
  let passed = 0
  let events = 0

  while (!isDone() || passed < checkpoints.length) {
    const fromMs = clocks[0].now
    const untilMs = Math.min(fromMs + TURN_MS, checkpoints[passed] ?? Infinity)

    // for all of the turn, as of its middle
    tables.advance((fromMs + untilMs) / 2)

    for (const clock of clocks) {
      while (clock.step(untilMs)) {
        if (++events % 256 === 0) {
          await yieldSometimes()
        }
      }
    }

    await yieldSometimes()

    if (untilMs === checkpoints[passed]) {
      passed++
      tables.advance(untilMs)
      onCheckpoint()
    }
  }

  return events
}

/** Does something when it is called `YIELD_EVERY_MS` after the last time */
function everySoOften (act: () => Promise<void>): () => Promise<void> {
  let actedAt = performance.now()

  return async () => {
    if (performance.now() - actedAt > YIELD_EVERY_MS) {
      await act()
      actedAt = performance.now()
    }
  }
}

/**
 * What the simulated network was like, for reports
 */
export function scenarioOf ({ nodes, conditions, nat, churn, adoption }: SimulationOptions): string {
  return [
    `${nodes.toLocaleString('en')} nodes`,
    conditions,
    ...(nat === undefined ? [] : [`${Math.round(nat * 100)}% behind NATs`]),
    ...(churn === undefined ? [] : [`${Math.round(churn.share * 100)}% churn every ${churn.everyMs / HOUR_MS} h`]),
    ...(adoption === 0 ? [] : [`${Math.round(adoption * 100)}% scored`])
  ].join(', ')
}

function bootstrapPeers ({ population, sessions }: World, seed: number, now: number): number[] {
  const random = seededRandom(seed, 'bootstrap')
  const peers = new Set<number>()

  while (peers.size < BOOTSTRAP_PEERS) {
    const node = Math.floor(random() * population.size)

    if (population.reach(node) === 'public' && population.habit(node) === 'none' && sessions.isOnline(node, now)) {
      peers.add(node)
    }
  }

  return [...peers]
}
