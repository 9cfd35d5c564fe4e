import { Clock } from '../../../../benchmarks/simulator/clock.ts'
import { Connections } from '../../../../benchmarks/simulator/clients/requests/connections.ts'
import { headOf } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import { seededRandom } from '../../../../benchmarks/random/seeded-random.ts'
import type { Client, ClientComponents, Operation } from '../../../../benchmarks/simulator/clients/client.ts'
import type { Absence, Habit, Reach } from '../../../../benchmarks/simulator/world/population.ts'
import type { RequestCourse } from '../../../../benchmarks/simulator/world/network.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** Of every pair, ms */
export const RTT_MS = 100

/** Of a dial: 400 ms until the request is written, 500 until it is answered */
export const DIAL_TRIPS = 4

/** What a slow node adds to an answer, ms */
export const SLOW_MS = 3_000

const NEVER: RequestCourse = { firstSignMs: Infinity, connectedMs: Infinity, answeredMs: Infinity, refusedMs: Infinity }

export interface SmallNetworkInit {
  /** Nodes, spread evenly over the keyspace, a power of two up to 256 @default 64 */
  size?: number
  k?: number
  bootstrap?: number[]
  /** Whom a node knows @default everybody */
  knows?: (node: number) => number[]
}

/**
 * A network that is small enough to say of each node what it does
 */
export class SmallNetwork {
  readonly clock = new Clock()
  readonly components: ClientComponents
  /** Every request, those given up included */
  readonly asked: Array<{ node: number, atMs: number }> = []
  readonly habits = new Map<number, Habit>()
  readonly reaches = new Map<number, Reach>()
  /** How long it takes to connect to a node, where that is not `DIAL_TRIPS`, ms; the first sign of life comes as soon as of any */
  readonly dialsMs = new Map<number, number>()
  /** They connect and never answer */
  readonly mute = new Set<number>()

  readonly #pending = new Set<symbol>()
  readonly #absences = new Map<number, Absence>()
  readonly #since = new Map<number, number>()

  constructor ({ size = 64, k = 8, bootstrap = [], knows }: SmallNetworkInit = {}) {
    const nodes = Array.from({ length: size }, (_, node) => node)
    const kadIds: KadId[] = nodes.map(node => Uint8Array.of(node * 256 / size, 0, 0, 0))
    const closest = (among: number[], target: KadId, n: number): number[] =>
      among.toSorted((a, b) => compareDistance(target, kadIds[a], kadIds[b])).slice(0, n)
    const world: ClientComponents['world'] = {
      population: {
        size,
        kadId: node => kadIds[node],
        head: node => headOf(kadIds[node]),
        region: () => 0,
        lastMileMs: () => 0,
        implementation: () => 'go-kad-dht',
        reach: node => this.reaches.get(node) ?? 'public',
        absence: node => this.#absences.get(node) ?? 'silent',
        habit: node => this.habits.get(node) ?? 'none',
        range: () => { throw new Error('No client needs it') },
        closest: (target, n, accept = () => true) => closest(nodes.filter(accept), target, n)
      },
      sessions: {
        isOnline: node => !this.#absences.has(node),
        since: node => this.#since.get(node) ?? 0
      },
      network: {
        rttMs: () => RTT_MS,
        heldMs: () => Infinity,
        request: (_, node, { connected, dialTrips }) => {
          this.asked.push({ node, atMs: this.clock.now })

          return this.#courseOf(node, connected ? 0 : this.dialsMs.get(node) ?? dialTrips * RTT_MS)
        }
      }
    }
    const endpoint = { region: 0, lastMileMs: 0 }

    this.#countTasks()

    this.components = {
      world,
      tables: { named: (node, target, n) => closest((knows?.(node) ?? nodes).filter(other => other !== node), target, n) },
      clock: this.clock,
      endpoint,
      kadId: Uint8Array.of(255, 255, 255, 255),
      connections: new Connections({ world, clock: this.clock, endpoint, dialTrips: DIAL_TRIPS, maxConnections: 100 }),
      bootstrap,
      random: seededRandom(1, 'small network'),
      k,
      networkK: k
    }
  }

  /** How many things are still to happen */
  get pending (): number {
    return this.#pending.size
  }

  /** The nodes closest to a target, all of them if not said otherwise */
  closest (target: KadId, n = Infinity): number[] {
    return this.components.world.population.closest(target, n)
  }

  /** Nodes go offline */
  leave (absence: Absence, ...nodes: number[]): void {
    nodes.forEach(node => { this.#absences.set(node, absence) })
  }

  /** A node comes back */
  join (node: number): void {
    this.#absences.delete(node)
    this.#since.set(node, this.clock.now)
  }

  /** Connect to nodes, which takes 500 ms */
  connect (...nodes: number[]): void {
    for (const node of nodes) {
      this.components.connections.ask(node, { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs: Infinity }, { onEnd: () => {} })
    }

    this.pass(DIAL_TRIPS * RTT_MS + RTT_MS)
    this.asked.length = 0
  }

  /** Let time pass, ms */
  pass (ms: number): void {
    const passed: number[] = []

    this.clock.schedule(ms, () => { passed.push(ms) })

    while (passed.length === 0 && this.clock.step()) {
      // the next thing happens
    }
  }

  /** Let time pass until something is so */
  passUntil (isSo: () => boolean): void {
    while (!isSo()) {
      if (!this.clock.step()) {
        throw new Error('Nothing happens any more')
      }
    }
  }

  /**
   * Run an operation to its end
   *
   * @returns What it gave, how long it took, ms, and what happened afterwards
   */
  run<T> (client: Client, start: (client: Client, done: (result: T) => void) => Operation): { result: T, timeMs: number, queries: number, asked: number[] } {
    const results: T[] = []
    const startedAtMs = this.clock.now
    const askedBefore = this.asked.length
    const operation = start(client, result => { results.push(result) })

    while (results.length === 0) {
      if (!this.clock.step()) {
        throw new Error('The operation did not end')
      }
    }

    const timeMs = this.clock.now - startedAtMs
    const asked = this.asked.slice(askedBefore).map(({ node }) => node)
    const { queries } = operation

    // it must not end again
    this.pass(0)

    if (results.length !== 1) {
      throw new Error(`The operation ended ${results.length} times`)
    }

    return { result: results[0], timeMs, queries, asked }
  }

  /** Whether anything would still happen if nobody began anything */
  get isQuiet (): boolean {
    const now = this.clock.now

    while (this.clock.step()) {
      if (this.clock.now !== now) {
        return false
      }
    }

    return true
  }

  #countTasks (): void {
    const scheduleAt = this.clock.scheduleAt.bind(this.clock)

    this.clock.scheduleAt = (atMs, run) => {
      const task = Symbol('task')
      const cancel = scheduleAt(atMs, () => {
        this.#pending.delete(task)
        run()
      })

      this.#pending.add(task)

      return () => {
        this.#pending.delete(task)
        cancel()
      }
    }
  }

  #courseOf (node: number, connectedMs: number): RequestCourse {
    switch (this.#absences.get(node)) {
      case 'silent':
        return NEVER
      case 'stalls':
        return { ...NEVER, firstSignMs: RTT_MS }
      case 'refuses':
        return { ...NEVER, firstSignMs: RTT_MS, refusedMs: RTT_MS }
      default:
        return {
          ...NEVER,
          firstSignMs: connectedMs === 0 ? 0 : RTT_MS,
          connectedMs,
          answeredMs: this.mute.has(node) ? Infinity : connectedMs + RTT_MS + (this.habits.get(node) === 'slow' ? SLOW_MS : 0)
        }
    }
  }
}
