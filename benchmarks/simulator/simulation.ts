import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { seededRandom } from '../random/seeded-random.ts'
import { createArm } from './arms/create-arm.ts'
import { INSTRUMENTS } from './arms/instrument.ts'
import { Clock } from './clock.ts'
import { aminoScene } from './scenes/amino-scene.ts'
import { testnetScene } from './scenes/testnet-scene.ts'
import { TraceHash } from './trace-hash.ts'
import type { ArmClient } from './arms/arm-client.ts'
import type { SimulatedArm, SimulatedOperation, SimulationOptions } from './simulation-options.ts'
import type { Scene } from './scenes/scene.ts'
import type { World } from './world/world.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { RunHooks } from '../command-line/benchmark.ts'
import type { Sample } from '../report/results.ts'

const HOUR_MS = 3_600_000

/** So much code may become part of what calls it, bytes: a simulation is small functions called often, and takes 5% less time at a million nodes */
const V8_FLAGS = ['--max-inlined-bytecode-size=1000', '--max-inlined-bytecode-size-cumulative=4000']

/** The run begins at this time: before it, scored-warm does its training, and is offline for the second half of it, ms */
const TRAINING_MS = HOUR_MS

/** The event loop gets its turn this often, so that Ctrl-C works and progress shows, ms of real time */
const YIELD_EVERY_MS = 100

/** Times at which a simulation is looked at */
export const CHECKPOINTS = 12

/** Public nodes that every client knows from the start */
const BOOTSTRAP_PEERS = 5

/** Records that are looked for were put so long before, if nobody says otherwise, or as long as the simulation has run: half of what passes on average until IPFS publishes them again */
const RECORD_AGE_MS = 6 * HOUR_MS

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
 * one world. Nothing that one arm does changes what another finds.
 *
 * @throws {Error} The signal was aborted
 */
export async function simulate (options: SimulationOptions, hooks: SimulationHooks): Promise<SimulationEnd> {
  const { seed, hours, lookups, clients: clientsPerArm, operations, arms, instrument, timeoutMs, trainLookups } = options
  const k = options.clientK ?? options.k
  const durationMs = hours * HOUR_MS
  const endsAtMs = TRAINING_MS + durationMs
  const scenario = scenarioOf(options)
  const recordAgeMs = instrument === undefined ? RECORD_AGE_MS : INSTRUMENTS[instrument].recordAgeMs
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
  const clock = new Clock()
  const bootstrap = bootstrapPeers(world, seed, clock.now)
  const clients = new Map(arms.map(arm => [arm, Array.from({ length: clientsPerArm }, (_, index) => createArm(arm, {
    index,
    options,
    world,
    tables,
    clock,
    bootstrap,
    onRequest: node => {
      trace.add(clock.now, index, node)
      hooks.onRequest?.(arm, node)
    }
  }))]))
  let done = 0

  for (const [arm, armClients] of clients) {
    for (const [index, client] of armClients.entries()) {
      if (arm === 'scored-warm') {
        train(client, index)
      } else {
        clock.schedule(TRAINING_MS, () => { client.client.start() })
      }
    }
  }

  function train (client: ArmClient, index: number): void {
    client.client.start()

    for (let i = 0; i < trainLookups; i++) {
      const key = randomKey(seed, 'training', index, i)

      clock.schedule(TRAINING_MS / 2 * (i + 1) / (trainLookups + 1), () => { client.client.closestPeers(key, () => {}) })
    }

    clock.schedule(TRAINING_MS / 2, () => { client.client.stop?.() })
    clock.schedule(TRAINING_MS, () => { client.restart() })
  }

  const operationsInAll = lookups * operations.length

  // each prepares the next one, as all at once would take much memory
  function prepare (turn: number): void {
    if (turn === operationsInAll) {
      return
    }

    const index = Math.floor(turn / operations.length)
    const operation = operations[turn % operations.length]
    const key = randomKey(seed, operation, index)
    const holders = new Set<number>()
    const isHolder = (node: number): boolean => holders.has(node)
    const dueAtMs = TRAINING_MS + durationMs * (turn + 0.5) / operationsInAll

    clock.schedule(Math.max(0, dueAtMs - recordAgeMs - clock.now), () => {
      if (operation === 'find-providers' || operation === 'get-value') {
        closestAlive(world, key, k, clock.now, clock.now).forEach(node => holders.add(node))
      }

      clock.schedule(dueAtMs - clock.now, () => {
        for (const arm of arms) {
          const armClients = clients.get(arm) ?? []

          armClients[turn % armClients.length].perform({
            operation,
            key,
            index,
            timeoutMs,
            isHolder,
            recallOf: (found, fromMs) => recallOf(world, operation, { key, k, found, fromMs, now: clock.now }),
            onSample: sample => {
              done++
              trace.add(index, sample.timeMs, sample.queries)
              hooks.onSample({ ...sample, scenario })
            }
          })
        }
      })

      prepare(turn + 1)
    })
  }

  prepare(0)

  for (let checkpoint = 1; checkpoint <= CHECKPOINTS; checkpoint++) {
    clock.schedule(TRAINING_MS + durationMs * checkpoint / CHECKPOINTS, () => { hooks.onCheckpoint?.({ world, tables, now: clock.now, runMs: clock.now - TRAINING_MS, clients }) })
  }

  const events = await run(clock, () => done === total && clock.now >= endsAtMs, hooks, () => {
    hooks.onProgress(done, total, `hour ${Math.max(0, (clock.now - TRAINING_MS) / HOUR_MS).toFixed(2)} of ${hours}`)
  })

  return { world, tables, now: clock.now, runMs: clock.now - TRAINING_MS, clients, traceHash: trace.toString(), events }
}

async function run (clock: Clock, isOver: () => boolean, { signal }: RunHooks, tellProgress: () => void): Promise<number> {
  let yieldedAt = performance.now()
  let events = 0

  while (!isOver() && clock.step()) {
    events++

    if (events % 256 === 0 && performance.now() - yieldedAt > YIELD_EVERY_MS) {
      tellProgress()
      await yieldToEvents()
      signal.throwIfAborted()
      yieldedAt = performance.now()
    }
  }

  return events
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

/** The k closest peers to a key that were online and could be dialled throughout */
function closestAlive (world: World, key: KadId, k: number, fromMs: number, now: number): number[] {
  const { population, sessions } = world

  return population.closest(key, k, node =>
    population.reach(node) !== 'unreachable' &&
    sessions.isOnline(node, now) &&
    sessions.since(node, now) <= fromMs)
}

function recallOf (world: World, operation: SimulatedOperation, { key, k, found, fromMs, now }: { key: KadId, k: number, found: readonly number[], fromMs: number, now: number }): number | undefined {
  if (operation === 'find-providers' || operation === 'get-value') {
    return undefined
  }

  const { population } = world
  const alive = closestAlive(world, key, k, fromMs, now)
    // liars take places, but nobody should find them
    .filter(node => population.habit(node) !== 'lies')
  const known = new Set(found)

  return alive.length === 0 ? undefined : alive.filter(node => known.has(node)).length / alive.length
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

function randomKey (seed: number, ...label: Array<string | number>): KadId {
  const random = seededRandom(seed, 'key', ...label)

  return Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))
}
