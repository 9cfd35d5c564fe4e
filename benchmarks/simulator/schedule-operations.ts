import { INSTRUMENTS } from './arms/instrument.ts'
import { closestAlive } from './measures/closest-alive.ts'
import { randomKey } from './random-key.ts'
import type { Attack } from './attacks/attack.ts'
import type { ArmClient } from './arms/arm-client.ts'
import type { Clock } from './clock.ts'
import type { SimulatedArm, SimulatedOperation, SimulationOptions } from './simulation-options.ts'
import type { World } from './world/world.ts'
import type { Sample } from '../report/results.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

const HOUR_MS = 3_600_000

/**
 * Age of the records that are looked for, unless the instrument says otherwise or the
 * simulation has run for less. IPFS publishes a record again every so often, and this is
 * half of that time on average.
 */
const RECORD_AGE_MS = 6 * HOUR_MS

/** At most so many puts of an arm and operation are looked for, spread evenly, so that a busy publisher does not make a busy reader */
const MAX_READ = 500

export interface ScheduleOperationsInit {
  /** A clock that is never behind those of the clients */
  scheduler: Clock
  world: World
  /** Undefined when nobody attacks */
  attack?: Attack
  /** The clients of each arm */
  clients: ReadonlyMap<SimulatedArm, readonly ArmClient[]>
  /** When the first operation may begin, ms */
  beginsAtMs: number
  onSample: (sample: Omit<Sample, 'scenario'>) => void
}

/**
 * Schedule the operations of a run. All arms carry out the same operations at the same
 * times and with the same keys. The operations are spread evenly over the run, and the
 * clients of an arm take turns.
 */
export function scheduleOperations (options: SimulationOptions, { scheduler, world, attack, clients, beginsAtMs, onSample }: ScheduleOperationsInit): void {
  const { seed, hours, lookups, operations, instrument, timeoutMs } = options
  const k = options.clientK ?? options.k
  const recordAgeMs = instrument === undefined ? RECORD_AGE_MS : INSTRUMENTS[instrument].recordAgeMs
  const total = lookups * operations.length
  const readEvery = Math.ceil(lookups / MAX_READ)

  // each operation prepares the next one, because preparing all at once would take much memory
  function prepare (number: number): void {
    if (number === total) {
      return
    }

    const index = Math.floor(number / operations.length)
    const operation = operations[number % operations.length]
    const key = randomKey(seed, operation, index)
    const holders = new Set<number>()
    const isHonest = (node: number): boolean => attack?.isHostile(node, key) !== true
    const isHolder = (node: number): boolean => holders.has(node)
    const dueAtMs = beginsAtMs + hours * HOUR_MS * (number + 0.5) / total

    scheduler.scheduleAt(Math.max(scheduler.now, dueAtMs - recordAgeMs), () => {
      attack?.besiege({ key, index, dueAtMs, untilMs: dueAtMs + timeoutMs })

      if (operation === 'find-providers' || operation === 'get-value') {
        closestAlive(world, key, k, scheduler.now, scheduler.now, isHonest).forEach(node => holders.add(node))
      }

      scheduler.scheduleAt(dueAtMs, () => {
        for (const armClients of clients.values()) {
          const client = armClients[number % armClients.length]
          const recallAt = (found: readonly number[], fromMs: number): number | undefined =>
            recallOf(world, operation, { key, k, found, fromMs, now: client.clock.now, isHonest })

          const exists = attack === undefined ? undefined : (node: number) => attack.exists(node)

          client.clock.scheduleAt(dueAtMs, () => { client.perform({ operation, key, index, timeoutMs, isHolder, recallOf: recallAt, exists, givesOut: isHonest, isRead: index % readEvery === 0, onSample }) })
        }
      })

      prepare(number + 1)
    })
  }

  prepare(0)
}

function recallOf (world: World, operation: SimulatedOperation, { key, k, found, fromMs, now, isHonest }: { key: KadId, k: number, found: readonly number[], fromMs: number, now: number, isHonest: (node: number) => boolean }): number | undefined {
  if (operation === 'find-providers' || operation === 'get-value') {
    return undefined
  }

  const { population } = world
  const alive = closestAlive(world, key, k, fromMs, now)
    // liars and hostile peers count among the k closest, but a lookup is not expected to find them
    .filter(node => population.habit(node) !== 'lies' && isHonest(node))
  const known = new Set(found)

  return alive.length === 0 ? undefined : alive.filter(node => known.has(node)).length / alive.length
}
