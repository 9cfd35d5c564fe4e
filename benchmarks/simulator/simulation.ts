import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { createAttack } from './attacks/create-attack.ts'
import { createArm } from './arms/create-arm.ts'
import { bootstrapPeers } from './bootstrap-peers.ts'
import { Clock } from './clock.ts'
import { randomKey } from './random-key.ts'
import { aminoScene } from './scenes/amino-scene.ts'
import { testnetScene } from './scenes/testnet-scene.ts'
import { scheduleOperations } from './schedule-operations.ts'
import { everySoOften, takeTurns } from './take-turns.ts'
import { TraceHash } from './trace-hash.ts'
import type { Attack } from './attacks/attack.ts'
import type { ArmClient } from './arms/arm-client.ts'
import type { SimulatedArm, SimulationOptions } from './simulation-options.ts'
import type { Scene } from './scenes/scene.ts'
import type { RunHooks } from '../command-line/benchmark.ts'
import type { Sample } from '../report/results.ts'

const HOUR_MS = 3_600_000

/**
 * V8 may inline functions up to these sizes, bytes. A simulation mostly calls small
 * functions very often, and takes 5% less time with this at a million nodes.
 */
const V8_FLAGS = ['--max-inlined-bytecode-size=1000', '--max-inlined-bytecode-size-cumulative=4000']

/** Length of the time before the run, ms. scored-warm is trained in its first half and is offline in its second half. */
const TRAINING_MS = HOUR_MS

/** Number of times at which the state of a simulation is reported */
export const CHECKPOINTS = 12

export interface SimulationHooks extends RunHooks {
  onSample (sample: Sample): void
  /** Called for every request */
  onRequest? (arm: SimulatedArm, node: number): void
  /** Called at `CHECKPOINTS` times, spread evenly over the run, the last one at its end */
  onCheckpoint? (state: SimulationState): void
}

/**
 * A simulation at one moment
 */
export interface SimulationState extends Scene {
  /** Simulated time, ms */
  now: number
  /** Time since the run began, ms */
  runMs: number
  /** The clients of each arm. Clients of the same number are at the same place. */
  clients: ReadonlyMap<SimulatedArm, readonly ArmClient[]>
}

/**
 * What a simulation has found, besides its samples
 */
export interface SimulationEnd extends SimulationState {
  traceHash: string
  /** Number of events that have happened */
  events: number
}

/**
 * One run of the model. All arms take part in one world, at the same simulated times and
 * with the same keys. Nothing that one client does changes what another one finds. So
 * each client has a clock of its own, and no clock is more than one turn ahead of the
 * others.
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

  const scene = await (options.testnet === undefined
    ? aminoScene(options, {
      beginsAtMs: TRAINING_MS,
      signal: hooks.signal,
      onProgress: (part, whole) => { hooks.onProgress(0, total, `routing tables grow, ${Math.round(100 * part / whole)}%`) }
    })
    : testnetScene(options.testnet))
  const attack = attackOn(scene, options)
  const { world, tables } = attack?.scene ?? scene
  // this clock schedules the operations of all clients
  const scheduler = new Clock()
  const honest = bootstrapPeers(world, seed, scheduler.now)
  const bootstrap = [...attack?.known ?? [], ...honest].slice(0, honest.length)
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
    attack,
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

/** Start every client, and who looks for what it puts, when the run begins. The clients of scored-warm are trained before and start again. */
function scheduleStarts (clients: ReadonlyMap<SimulatedArm, readonly ArmClient[]>, { seed, trainLookups }: SimulationOptions): void {
  for (const [arm, armClients] of clients) {
    for (const [index, armClient] of armClients.entries()) {
      const { client, clock } = armClient

      clock.schedule(TRAINING_MS, () => { armClient.startReader() })

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

/**
 * The simulated network in words, for reports
 */
export function scenarioOf ({ nodes, conditions, sessions, nat, churn, adoption, attack, attackShare }: SimulationOptions): string {
  return [
    `${nodes.toLocaleString('en')} nodes`,
    conditions,
    ...(sessions === 'weibull' ? [] : [`${sessions} sessions`]),
    ...(nat === undefined ? [] : [`${Math.round(nat * 100)}% behind NATs`]),
    ...(churn === undefined ? [] : [`${Math.round(churn.share * 100)}% churn every ${churn.everyMs / HOUR_MS} h`]),
    ...(adoption === 0 ? [] : [`${Math.round(adoption * 100)}% scored`]),
    ...(attack === undefined ? [] : [`attack ${attack}${attackShare === undefined ? '' : ` ${Number((attackShare * 100).toPrecision(2))}%`}`])
  ].join(', ')
}

function attackOn (scene: Scene, { attack, attackShare, seed, hours, k, timeoutMs }: SimulationOptions): Attack | undefined {
  if (attack === undefined) {
    if (attackShare !== undefined) {
      throw new Error('--attack-share needs --attack')
    }

    return undefined
  }

  return createAttack(attack, { scene, seed, k, share: attackShare, duringMs: { from: 0, to: TRAINING_MS + hours * HOUR_MS + timeoutMs } })
}
